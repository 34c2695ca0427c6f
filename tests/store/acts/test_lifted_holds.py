"""A passkey that behaved like a copy of itself signs in again when two members of support say so."""

from datetime import timedelta
from typing import Any

import pytest

from domain.desk.acts import Act, ActRefused
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.passkeys import Assertion, Suspicion, suspicion
from domain.staff.approvals import Hand
from domain.staff.staff import Author, Role
from store import Database
from store.acts import doing
from store.acts.orders import ActOrder
from store.messages import messages
from store.people import accounts, held_passkeys, journal, passkeys
from store.people.passkeys import Passkey
from tests.clocks import START
from tests.factories import make_passkey
from tests.store.desk.stuck_people import Approve, Do


@pytest.fixture
def suspect(database: Database, travelling: str) -> Passkey:
    """A passkey whose counter went back."""
    return held(database, travelling, Suspicion.SIGN_COUNT_WENT_BACK, sign_count=40, backup_eligible=True)


def held(database: Database, account_id: str, reason: Suspicion, **changes: Any) -> Passkey:
    with database.transaction() as session:
        passkey = make_passkey(session, account_id, **changes)
        held_passkeys.suspect(session, passkey, reason)
        held_passkeys.freeze(session, passkey, at=START)
        return passkey


def oddity(passkey: Passkey, assertion: Assertion) -> Suspicion | None:
    kept_count, kept_eligible = passkey.sign_count, passkey.backup_eligible
    return suspicion(kept_count=kept_count, kept_eligible=kept_eligible, assertion=assertion)


def look(database: Database, passkey: Passkey) -> Passkey:
    with database.reading() as session:
        return passkeys.ever_bound(session, passkey.account_id)[-1]


def test_a_suspected_device_signs_in_again_when_two_members_say_so_and_its_owner_hears_of_it(
    database: Database, travelling: str, suspect: Passkey, do: Do, approve: Approve, sam: Hand
) -> None:
    request_id = do(Act.LIFT_HOLD, travelling, target=suspect.passkey_id)
    assert not look(database, suspect).is_active
    approve(request_id)
    assert look(database, suspect).is_active
    assert look(database, suspect).suspicion is None
    with database.reading() as session:
        told = {(row.template, row.channel) for row in messages.of_account(session, travelling)}
        entry = journal.of_account(session, travelling)[-1]
    assert told == {(Template.PASSKEY_RELEASED, "email"), (Template.PASSKEY_RELEASED, "sms")}
    assert (entry.kind, entry.actor) == (EventKind.PASSKEY_RELEASED, Actor.STAFF)
    assert entry.detail["together_with"] == sam.staff_id


@pytest.mark.parametrize("reported", [{"sign_count": 3}, {"sign_count": 41, "backup_eligible": False}])
def test_what_the_device_reports_next_counts_as_right_and_a_step_back_from_there_does_not(
    database: Database,
    travelling: str,
    suspect: Passkey,
    do: Do,
    approve: Approve,
    reported: dict[str, Any],
) -> None:
    approve(do(Act.LIFT_HOLD, travelling, target=suspect.passkey_id))
    plain: dict[str, Any] = {
        "credential_id": suspect.credential_id,
        "backup_eligible": True,
        "backed_up": False,
    }
    assertion = Assertion(**(plain | reported))
    with database.transaction() as session:
        passkey = passkeys.get(session, travelling, suspect.passkey_id)
        assert oddity(passkey, assertion) is None
        passkeys.note_state(session, passkey, assertion)
        assert oddity(passkey, assertion) is Suspicion.SIGN_COUNT_WENT_BACK


def test_only_what_is_on_hold_for_how_it_behaved_is_lifted(
    database: Database, travelling: str, do: Do
) -> None:
    with pytest.raises(ActRefused, match="No passkey is on hold"):
        do(Act.LIFT_HOLD, travelling)
    held(database, travelling, Suspicion.BACKUP_ELIGIBILITY_LOST)
    with database.transaction() as session:
        lost = make_passkey(session, travelling)
        held_passkeys.freeze(session, lost, at=START, is_lost=True)
    with pytest.raises(ActRefused, match="not on hold for how"):
        do(Act.LIFT_HOLD, travelling, target=lost.passkey_id)
    with pytest.raises(ActRefused, match="Say which device"):
        do(Act.LIFT_HOLD, travelling)


def test_while_an_objection_is_open_no_hold_is_lifted(
    database: Database, travelling: str, suspect: Passkey, do: Do, approve: Approve
) -> None:
    request_id = do(Act.LIFT_HOLD, travelling, target=suspect.passkey_id)
    with database.transaction() as session:
        accounts.begin_dispute(session, accounts.get(session, travelling), at=START + timedelta(days=1))
    with pytest.raises(ActRefused, match="Settle it first"):
        approve(request_id)
    assert not look(database, suspect).is_active


@pytest.mark.parametrize("together_with", ["", "sam"])
def test_on_the_machine_itself_two_different_people_are_named(
    database: Database, travelling: str, suspect: Passkey, together_with: str
) -> None:
    order = ActOrder(
        act=Act.LIFT_HOLD,
        account_id=travelling,
        author=Author(by="sam", came_from="this machine", together_with=together_with),
        role=Role.ADMIN,
        reason="it was restored from a backup",
        target=suspect.passkey_id,
    )
    with database.transaction() as session, pytest.raises(ActRefused, match="two members"):
        doing.perform_as_two(session, order, at=START)
