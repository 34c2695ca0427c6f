"""What support may not do while an objection is open or the cohort is paused, and what it may all the same."""

from dataclasses import replace

import pytest

from domain.desk.acts import Act, ActRefused, Rest
from domain.desk.exemptions import STANDARD_BASES
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.rollouts.rollout import Stage
from domain.staff.approvals import ASKED_FOR, ApprovalRefused
from domain.switches import Switch
from store import Database
from store.journeys import sms
from store.messages import messages
from store.people import accounts, journal
from store.rollouts.cohorts import StoredCohort
from tests.clocks import START
from tests.factories import keep_cohort, make_journey, make_member, make_passkey, make_ready_account
from tests.store.desk.stuck_people import NOW, POLICY, Approve, Do, read
from tests.switches import stop


def object_to(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        accounts.get(session, account_id).disputed_since = START


@pytest.mark.parametrize("act", [Act.PAUSE, Act.EXTEND, Act.EXEMPT, Act.SEND_AGAIN])
def test_nothing_is_steered_while_an_objection_is_open(
    database: Database, travelling: str, do: Do, act: Act
) -> None:
    object_to(database, travelling)
    with pytest.raises(ActRefused, match="objection is open"):
        do(act, travelling, days=3, basis=STANDARD_BASES.find(Rest.OTHER))
    with database.reading() as session:
        written = {entry.kind for entry in journal.of_account(session, travelling)}
    assert written == {EventKind.JOURNEY_STARTED}


def test_no_reminder_is_sent_again_while_nudges_are_stopped(
    database: Database, travelling: str, do: Do
) -> None:
    stop(database, Switch.NUDGES)
    with pytest.raises(ActRefused, match="Nudges are stopped"):
        do(Act.SEND_AGAIN, travelling)
    with database.reading() as session:
        assert messages.of_account(session, travelling) == []


def test_more_time_is_not_approved_any_more_once_somebody_has_objected(
    database: Database, travelling: str, do: Do, approve: Approve
) -> None:
    request_id = do(Act.EXTEND, travelling, days=60)
    object_to(database, travelling)
    with pytest.raises(ActRefused, match="objection is open"):
        approve(request_id)
    assert read(database, travelling).extended_until is None


@pytest.mark.parametrize("act", [Act.RESTORE_SMS, Act.REMOVE_DEVICE, Act.EXEMPT, Act.ASK_FOR_RESCUE])
def test_no_way_in_is_changed_any_more_once_somebody_has_objected(
    database: Database, do: Do, approve: Approve, act: Act
) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.NOTICE, sms_since=START).account_id
        passkey_id = make_passkey(session, account_id).passkey_id
        make_journey(session, account_id, POLICY)
    target = passkey_id if act is Act.REMOVE_DEVICE else ""
    request_id = do(act, account_id, target=target, days=9, basis=STANDARD_BASES.find(Rest.OTHER))
    before = read(database, account_id)
    object_to(database, account_id)
    with pytest.raises(ActRefused, match="objection is open"):
        approve(request_id)
    assert read(database, account_id) == replace(before, disputed_since=START)


def test_what_is_approved_is_checked_by_what_is_true_by_then(
    database: Database, do: Do, approve: Approve
) -> None:
    with database.transaction() as session:
        account_id = make_ready_account(session, sms=SmsState.SUSPENDED, sms_since=START).account_id
        make_journey(session, account_id, POLICY)
    request_id = do(Act.RESTORE_SMS, account_id)
    with database.transaction() as session:
        sms.restore(session, account_id, at=NOW, actor=Actor.PERSON, reason="person")
    with pytest.raises(ActRefused, match="codes are on"):
        approve(request_id)


def test_a_request_that_is_too_old_is_approved_by_nobody(
    database: Database, travelling: str, do: Do, approve: Approve
) -> None:
    request_id = do(Act.EXTEND, travelling, days=60, at=NOW - ASKED_FOR)
    with pytest.raises(ApprovalRefused, match="waited too long"):
        approve(request_id)


def test_what_was_paused_goes_on_by_order_though_an_objection_is_open(
    database: Database, travelling: str, do: Do
) -> None:
    do(Act.PAUSE, travelling, days=3)
    object_to(database, travelling)
    do(Act.RESUME, travelling)
    assert read(database, travelling).rests_until is None


def test_no_reminder_is_sent_again_that_the_cohort_would_hold_back(
    database: Database, travelling: str, do: Do
) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, travelling)
        session.get_one(StoredCohort, cohort_id).stage = Stage.PAUSED
    with pytest.raises(ActRefused, match="paused or given up"):
        do(Act.SEND_AGAIN, travelling)
    with database.reading() as session:
        assert messages.of_account(session, travelling) == []
