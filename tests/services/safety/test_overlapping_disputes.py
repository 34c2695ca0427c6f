"""Several disputes about one visit, and what an end of one of them may not undo."""

from datetime import timedelta

import pytest

from domain.messages.messages import Template
from domain.safety.objections import Outcome
from store.people import recovery_codes
from tests.services.safety.players import Player, tries
from tests.services.safety.test_sequences import is_established, passkey_of
from tests.services.safety.trust_stage import POLICY, TrustStage, keep_passkey

DAY = timedelta(days=1)


@pytest.fixture
def partner(stage: TrustStage, owner: Player) -> Player:
    """Somebody else with an established passkey of the account."""
    return Player(stage, "203.0.113.67", credentials=[keep_passkey(stage)])


def works(stage: TrustStage, set_id: str) -> bool:
    with stage.database.reading() as session:
        return recovery_codes.works(session, stage.account_id, set_id)


def set_ids(stage: TrustStage) -> set[str]:
    with stage.database.reading() as session:
        return {code.set_id for code in recovery_codes.other_sets(session, stage.account_id, "")}


def test_codes_stay_held_when_one_of_two_disputes_about_them_is_dismissed(
    stage: TrustStage, owner: Player, partner: Player
) -> None:
    partner.signs_in_by_passkey()
    partner.makes_codes()
    [set_id] = set_ids(stage)
    partner.binds()
    stage.let_pass(DAY)
    assert owner.presses(Template.RECOVERY_CODES_MADE)
    stage.let_pass(timedelta(hours=1))
    assert owner.presses(Template.PASSKEY_BOUND)
    first, second = stage.objections()
    assert stage.settle(first, Outcome.DISMISSED)
    assert not works(stage, set_id)
    assert stage.settle(second, Outcome.UPHELD)
    assert not works(stage, set_id)


@pytest.mark.parametrize("outcome", Outcome)
def test_what_came_back_stays_when_one_of_two_disputes_about_it_is_dismissed(
    stage: TrustStage, owner: Player, partner: Player, outcome: Outcome
) -> None:
    partner.signs_in_by_passkey()
    partner.removes(passkey_of(owner))
    partner.binds()
    stage.let_pass(DAY)
    assert owner.presses(Template.PASSKEY_REMOVED)
    stage.let_pass(timedelta(hours=1))
    assert owner.presses(Template.PASSKEY_BOUND)
    first, second = stage.objections()
    assert stage.settle(first, Outcome.DISMISSED)
    assert stage.passkey(passkey_of(owner)).is_active
    assert stage.settle(second, outcome)
    assert stage.passkey(passkey_of(owner)).is_active == (outcome is Outcome.UPHELD)


@pytest.mark.parametrize("is_upheld_first", [True, False])
def test_an_address_is_gone_when_one_of_two_disputes_about_it_was_upheld(
    stage: TrustStage, owner: Player, partner: Player, is_upheld_first: bool
) -> None:
    old = stage.account.email
    partner.signs_in_by_passkey()
    partner.takes_address("partner@example.net")
    partner.binds()
    stage.let_pass(DAY)
    assert owner.presses(Template.EMAIL_CHANGED)
    stage.let_pass(timedelta(hours=1))
    assert owner.presses(Template.PASSKEY_BOUND)
    outcomes = [Outcome.UPHELD, Outcome.DISMISSED]
    for outcome in outcomes if is_upheld_first else reversed(outcomes):
        assert stage.settle(stage.objections()[0], outcome)
    assert stage.account.email == old


def test_an_address_that_the_owner_has_taken_since_stays_whatever_becomes_of_an_older_dispute(
    stage: TrustStage, owner: Player, partner: Player
) -> None:
    partner.signs_in_by_passkey()
    partner.takes_address("partner@example.net")
    stage.let_pass(DAY)
    owner.signs_in_by_passkey()
    owner.takes_address("own@example.net")
    stage.let_pass(DAY)
    assert owner.presses(Template.EMAIL_CHANGED, first=True)
    assert stage.account.email == "own@example.net"
    assert stage.settle(stage.objections()[0], Outcome.DISMISSED)
    assert stage.account.email == "own@example.net"


def test_a_dismissal_gives_back_the_last_of_several_addresses(
    stage: TrustStage, owner: Player, partner: Player
) -> None:
    partner.signs_in_by_passkey()
    partner.takes_address("one@example.net")
    partner.takes_address("two@example.net")
    old = owner.mailboxes.copy().pop()
    stage.let_pass(DAY)
    assert owner.presses(Template.EMAIL_CHANGED, first=True)
    assert stage.account.email == old
    assert stage.settle(stage.objections()[0], Outcome.DISMISSED)
    assert stage.account.email == "two@example.net"


@pytest.mark.parametrize("outcome", [None, Outcome.UPHELD])
def test_an_address_that_a_dispute_has_taken_out_of_use_objects_to_nothing(
    stage: TrustStage, owner: Player, partner: Player, outcome: Outcome | None
) -> None:
    partner.signs_in_by_passkey()
    partner.takes_address("partner@example.net")
    partner.mailboxes = {"partner@example.net"}
    stage.let_pass(DAY)
    assert owner.presses(Template.EMAIL_CHANGED)
    if outcome:
        assert stage.settle(stage.objections()[0], outcome)
    stage.let_pass(timedelta(hours=1))
    owner.signs_in_by_passkey()
    owner.makes_codes()
    stage.let_pass(DAY)
    assert stage.arrived("partner@example.net", Template.RECOVERY_CODES_MADE)
    assert not partner.presses(Template.RECOVERY_CODES_MADE)


def test_an_objection_after_a_dismissed_one_of_ones_own_brings_back_what_was_removed(
    stage: TrustStage, thief: Player, owner: Player
) -> None:
    partner = Player(stage, "203.0.113.67", credentials=[keep_passkey(stage)])
    partner.signs_in_by_passkey()
    partner.removes(passkey_of(owner))
    partner.binds()
    stage.let_pass(DAY)
    assert thief.presses(Template.PASSKEY_REMOVED)
    assert stage.settle(stage.objections()[0], Outcome.DISMISSED)
    assert not stage.passkey(passkey_of(owner)).is_active
    assert owner.presses(Template.PASSKEY_BOUND)
    assert stage.passkey(passkey_of(owner)).is_active


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
