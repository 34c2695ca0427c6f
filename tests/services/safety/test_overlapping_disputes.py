"""Several disputes about one visit, and what an end of one of them may not undo."""

from datetime import timedelta

import pytest

from domain.messages.messages import Template
from domain.objections import Outcome
from store import Database
from tests.clocks import FakeClock
from tests.services.safety.players import Player, tries
from tests.services.safety.test_sequences import is_established, passkey_of
from tests.services.safety.trust_stage import POLICY, TrustStage, keep_passkey, make_stage

DAY = timedelta(days=1)


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> TrustStage:
    return make_stage(database, clock, email_verified_at=clock())


@pytest.fixture
def thief(stage: TrustStage) -> Player:
    """Somebody who has the owner's SIM."""
    return Player(stage, "203.0.113.66", mailboxes={stage.account.phone or ""})


@pytest.fixture
def owner(stage: TrustStage) -> Player:
    """The owner, with one passkey from the beginning, who reads their own mail."""
    mailboxes, since = {stage.account.email or ""}, stage.now - DAY
    return Player(stage, "198.51.100.1", credentials=[keep_passkey(stage, at=since)], mailboxes=mailboxes)


def test_a_passkey_that_came_by_waiting_ends_a_dispute_without_removing_what_is_older(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    """The owner signs in daily, so that a removal that waits would be stopped."""
    owner.mailboxes.clear()
    thief.signs_in_by_text()
    new_id = thief.binds()
    stage.let_pass(POLICY.cooling_off + DAY)
    assert is_established(stage, new_id)
    owner.signs_in_by_passkey()
    owner.makes_codes()
    stage.let_pass(timedelta(hours=1))
    assert thief.presses(Template.RECOVERY_CODES_MADE)
    thief.signs_in_by_passkey()
    tries(lambda: thief.answers(stage.objections()[0], Outcome.UPHELD))
    assert stage.passkey(passkey_of(owner)).is_active
    owner.signs_in_by_passkey()


def test_a_removal_that_waits_begins_anew_when_a_dispute_ends(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    """Meanwhile the older passkey is lowered, and could not stop it."""
    owner.mailboxes.clear()
    thief.signs_in_by_text()
    thief.binds()
    stage.let_pass(POLICY.cooling_off + DAY)
    owner.signs_in_by_passkey()
    owner.makes_codes()
    thief.signs_in_by_passkey()
    thief.removes(passkey_of(owner))
    stage.let_pass(timedelta(hours=1))
    assert thief.presses(Template.RECOVERY_CODES_MADE)
    stage.let_pass(POLICY.cooling_off + DAY)
    assert stage.settle(stage.objections()[0], Outcome.DISMISSED)
    stage.let_pass(POLICY.cooling_off - DAY)
    assert stage.passkey(passkey_of(owner)).is_active
    owner.signs_in_by_passkey()
    [change] = owner.sees_waiting()
    owner.stops(change.change_id)
    stage.let_pass(2 * DAY)
    assert stage.passkey(passkey_of(owner)).is_active
