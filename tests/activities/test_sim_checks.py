"""The look-up of a SIM: made once for each passkey, kept with its time, and never paid for twice."""

from datetime import datetime, timedelta

import pytest

from activities.sim_checks import SimActivities, ask_again
from activities.steps import Step
from domain.facts import Facts
from domain.journal import EventKind
from domain.ports import NotHandedOver
from domain.presets import STANDARD
from domain.safety.sim import SimAnswer, SimReport
from store import Database
from store.journeys import sim_checks
from store.people import accounts, journal
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import by_sms, make_account, make_journey, make_passkey, make_recovery_codes
from tests.fakes import FakeSimChecker

DAY = timedelta(days=1)
DUE = START + STANDARD.cooling_off
CLEAR = SimReport(changed_at=START - 100 * DAY)


def someone(database: Database, *, rooted_at: datetime = START, **changes: object) -> str:
    """Everything is ready but for a passkey that was bound by text message."""
    with database.transaction() as session:
        account_id = make_account(session, email_verified_at=START, progress_at=START, **changes).account_id
        days = [START.date(), START.date() - DAY]
        make_passkey(session, account_id, used_on=days, last_used_at=START, **by_sms(rooted_at))
        make_recovery_codes(session, account_id)
        make_journey(session, account_id)
    return account_id


def check(
    database: Database, checker: FakeSimChecker | None, account_id: str, *, at: datetime = DUE
) -> Facts:
    return SimActivities(database, checker).check_sim(Step(account_id=account_id, at=at))


def row(database: Database, account_id: str) -> Account:
    with database.reading() as session:
        return accounts.get(session, account_id)


def answers(database: Database, account_id: str) -> list[tuple[str, str | None]]:
    with database.reading() as session:
        entries = journal.of_account(session, account_id)
    return [
        (entry.detail["answer"], entry.detail["reason"])
        for entry in entries
        if entry.kind == EventKind.SIM_CHECKED
    ]


def test_a_clear_sim_is_kept_with_the_time_of_the_question(database: Database) -> None:
    account_id, checker = someone(database), FakeSimChecker(report=CLEAR)
    facts = check(database, checker, account_id)
    assert (facts.sim_asked_at, facts.sim_checked_at, facts.sim_changed_at) == (DUE, DUE, CLEAR.changed_at)
    assert answers(database, account_id) == [(SimAnswer.CLEAR, None)]
    assert checker.asked == [row(database, account_id).phone]


def test_a_recent_swap_is_kept_with_its_day(sqlite_database: Database) -> None:
    account_id = someone(sqlite_database)
    facts = check(sqlite_database, FakeSimChecker(report=SimReport(changed_at=START - DAY)), account_id)
    assert (facts.sim_checked_at, facts.sim_changed_at) == (DUE, START - DAY)
    assert row(sqlite_database, account_id).sim_answer == SimAnswer.RECENT


def test_what_nobody_can_say_is_unknown_and_no_check(sqlite_database: Database) -> None:
    account_id = someone(sqlite_database)
    facts = check(sqlite_database, FakeSimChecker(report=SimReport(reason="twilio_60607")), account_id)
    assert (facts.sim_asked_at, facts.sim_checked_at) == (DUE, None)
    assert answers(sqlite_database, account_id) == [(SimAnswer.UNKNOWN, "twilio_60607")]


def test_a_later_swap_that_the_host_has_told_of_stays(sqlite_database: Database) -> None:
    account_id = someone(sqlite_database, sim_changed_at=START - DAY, sim_checked_at=START - DAY)
    assert check(sqlite_database, FakeSimChecker(report=CLEAR), account_id).sim_changed_at == START - DAY


def test_the_question_is_asked_once_for_each_passkey(sqlite_database: Database) -> None:
    account_id, checker = someone(sqlite_database), FakeSimChecker(report=CLEAR)
    for _ in range(3):
        check(sqlite_database, checker, account_id)
    assert len(checker.asked) == 1


def test_nothing_is_asked_before_it_is_due(sqlite_database: Database) -> None:
    account_id, checker = someone(sqlite_database), FakeSimChecker(report=CLEAR)
    facts = check(sqlite_database, checker, account_id, at=DUE - DAY)
    assert (facts.sim_asked_at, checker.asked) == (None, [])


def test_a_failure_that_may_have_been_billed_is_not_retried(sqlite_database: Database) -> None:
    account_id, checker = someone(sqlite_database), FakeSimChecker(trouble=[RuntimeError("lost")])
    check(sqlite_database, checker, account_id)
    check(sqlite_database, checker, account_id)
    assert len(checker.asked) == 1
    assert answers(sqlite_database, account_id) == [(SimAnswer.UNKNOWN, "answer_lost")]


def test_a_failure_that_cost_nothing_leaves_the_question_open(sqlite_database: Database) -> None:
    account_id = someone(sqlite_database)
    checker = FakeSimChecker(report=CLEAR, trouble=[NotHandedOver("carrier_503")])
    before = check(sqlite_database, checker, account_id)
    assert (before.sim_asked_at, answers(sqlite_database, account_id)) == (None, [])
    assert check(sqlite_database, checker, account_id).sim_checked_at == DUE


def test_a_worker_that_was_lost_while_it_asked_leaves_it_unknown(sqlite_database: Database) -> None:
    account_id, checker = someone(sqlite_database), FakeSimChecker(report=CLEAR)
    with sqlite_database.transaction() as session:
        assert sim_checks.claim(session, account_id, rooted_at=START, at=DUE)
    check(sqlite_database, checker, account_id)
    assert (checker.asked, answers(sqlite_database, account_id)) == ([], [(SimAnswer.UNKNOWN, "asker_lost")])


def test_without_anybody_to_ask_it_is_unknown(sqlite_database: Database) -> None:
    account_id = someone(sqlite_database)
    assert check(sqlite_database, None, account_id).sim_asked_at == DUE
    assert answers(sqlite_database, account_id) == [(SimAnswer.UNKNOWN, "not_configured")]


@pytest.mark.parametrize("rests", [True, False])
def test_a_journey_that_stands_still_asks_nothing(sqlite_database: Database, rests: bool) -> None:
    changes = {"rests_until": DUE + DAY, "rest": "paused"} if rests else {"disputed_since": None}
    account_id, checker = someone(sqlite_database, **changes), FakeSimChecker(report=CLEAR)
    check(sqlite_database, checker, account_id)
    assert bool(checker.asked) is not rests


def test_what_nobody_could_say_is_asked_again_when_somebody_can_be_asked(database: Database) -> None:
    account_id = someone(database)
    check(database, None, account_id)
    checker = FakeSimChecker(report=CLEAR)
    assert ask_again(database, checker, at=DUE) == 1
    with database.reading() as session:
        entry = journal.of_account(session, account_id)[-1]
    assert (entry.kind, entry.detail["source"]) == (EventKind.SIM_ASKED_AGAIN, "carrier")
    assert check(database, checker, account_id).sim_checked_at == DUE
    assert answers(database, account_id)[-1] == ("clear", None)
    assert ask_again(database, checker, at=DUE) == 0


def test_what_this_carrier_did_not_know_is_not_paid_for_again(database: Database) -> None:
    account_id, checker = someone(database), FakeSimChecker()
    check(database, checker, account_id)
    assert ask_again(database, checker, at=DUE) == 0
    assert ask_again(database, None, at=DUE) == 0
    assert ask_again(database, FakeSimChecker(provider="another"), at=DUE) == 1
    check(database, checker, account_id)
    assert len(checker.asked) == 2
