"""What support may not do while an objection is open or the cohort is paused, and what it may all the same."""

from datetime import timedelta

import pytest

from domain.desk.acts import Act, ActRefused, Rest
from domain.journal import EventKind
from domain.rollouts.rollout import Stage
from domain.staff.approvals import Hand
from domain.staff.staff import Author, Role
from store import Database
from store.acts import doing
from store.messages import messages
from store.people import accounts, journal
from store.rollouts.cohorts import StoredCohort
from tests.clocks import START
from tests.factories import keep_cohort, make_member
from tests.store.desk.stuck_people import NOW, Do, read


def object_to(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        accounts.get(session, account_id).disputed_since = START


@pytest.mark.parametrize("act", [Act.PAUSE, Act.EXTEND, Act.EXEMPT, Act.SEND_AGAIN])
def test_nothing_is_steered_while_an_objection_is_open(
    database: Database, travelling: str, do: Do, act: Act
) -> None:
    object_to(database, travelling)
    with pytest.raises(ActRefused, match="objection is open"):
        do(act, travelling, days=3, rest=Rest.OTHER)
    with database.reading() as session:
        written = {entry.kind for entry in journal.of_account(session, travelling)}
    assert written == {EventKind.JOURNEY_STARTED}


def test_more_time_is_not_approved_any_more_once_somebody_has_objected(
    database: Database, travelling: str, do: Do, sue: Hand
) -> None:
    request_id = do(Act.EXTEND, travelling, days=60)
    object_to(database, travelling)
    assert request_id
    by_sue = Author(by="sue@example.com", staff_id=sue.staff_id, role=Role.SUPPORT)
    with pytest.raises(ActRefused, match="objection is open"), database.transaction() as session:
        doing.approve(session, request_id, by_sue, sue, role=Role.SUPPORT, at=NOW, rescue_delay=timedelta())
    assert read(database, travelling).extended_until is None


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
