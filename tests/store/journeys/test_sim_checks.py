"""A SIM is looked up once for each passkey that came out of a text message, and what is known of it only grows."""

from datetime import datetime, timedelta

import pytest

from domain.journal import EventKind
from domain.safety.sim import SimAnswer, SimFinding
from store import Database
from store.journeys import sim_checks
from store.people import accounts, journal
from store.people.accounts import Account
from tests.clocks import START
from tests.factories import make_account

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def claim(database: Database, account_id: str, *, rooted_at: datetime, at: datetime = START) -> bool:
    with database.transaction() as session:
        return sim_checks.claim(session, account_id, rooted_at=rooted_at, at=at)


def kept(database: Database, account_id: str) -> Account:
    with database.reading() as session:
        return accounts.get(session, account_id)


def note(
    database: Database,
    account_id: str,
    answer: SimAnswer,
    changed_at: datetime | None = None,
    reason: str = "",
) -> None:
    with database.transaction() as session:
        finding = SimFinding(answer=answer, changed_at=changed_at, reason=reason)
        sim_checks.note(session, account_id, finding, source="carrier", at=START)


def test_a_passkey_has_one_look_up_and_a_later_one_has_another(database: Database, account_id: str) -> None:
    assert claim(database, account_id, rooted_at=START - DAY)
    assert not claim(database, account_id, rooted_at=START - DAY, at=START + DAY)
    assert not claim(database, account_id, rooted_at=START, at=START + DAY)
    assert claim(database, account_id, rooted_at=START + SECOND, at=START + DAY)
    assert kept(database, account_id).sim_claimed_at == START + DAY


def test_a_look_up_that_was_certainly_not_made_is_made_again(database: Database, account_id: str) -> None:
    assert claim(database, account_id, rooted_at=START)
    with database.transaction() as session:
        sim_checks.release(session, account_id)
    assert claim(database, account_id, rooted_at=START)


@pytest.mark.parametrize("answer", SimAnswer)
def test_what_a_look_up_says_is_kept_and_told(database: Database, account_id: str, answer: SimAnswer) -> None:
    note(database, account_id, answer, reason="a reason")
    account = kept(database, account_id)
    assert (account.sim_asked_at, account.sim_answer, account.sim_source) == (START, answer, "carrier")
    assert account.sim_checked_at == (None if answer is SimAnswer.UNKNOWN else START)
    with database.reading() as session:
        (entry,) = journal.of_account(session, account_id)
    assert (entry.kind, entry.detail) == (EventKind.SIM_CHECKED, {"answer": answer, "reason": "a reason"})


def test_of_two_changes_of_a_sim_the_later_counts(database: Database, account_id: str) -> None:
    for told, expected in ((START, START), (START - DAY, START), (None, START), (START + DAY, START + DAY)):
        note(database, account_id, SimAnswer.UNKNOWN, told)
        assert kept(database, account_id).sim_changed_at == expected


def test_the_hosts_word_of_a_change_is_kept_unless_a_later_one_is_known(
    database: Database, account_id: str
) -> None:
    for told, expected in ((START, START), (START - DAY, START), (START + DAY, START + DAY)):
        with database.transaction() as session:
            sim_checks.doubt(session, accounts.lock(session, account_id), changed_at=told)
        account = kept(database, account_id)
        assert (account.sim_changed_at, account.sim_checked_at) == (expected, expected)


def test_where_another_source_knew_nothing_journeys_ask_again(database: Database, account_id: str) -> None:
    note(database, account_id, SimAnswer.UNKNOWN)
    with database.transaction() as session:
        known = make_account(session).account_id
        never_asked = make_account(session).account_id
    note(database, known, SimAnswer.CLEAR)
    with database.transaction() as session:
        assert sim_checks.ask_again(session, "carrier", at=START + DAY) == 0
        assert sim_checks.ask_again(session, "another carrier", at=START + DAY) == 1
    account = kept(database, account_id)
    assert (account.sim_asked_at, account.sim_claimed_at) == (None, None)
    assert (account.sim_answer, account.sim_source) == (None, None)
    assert (kept(database, known).sim_answer, kept(database, never_asked).sim_answer) == ("clear", None)
    with database.reading() as session:
        asked = [
            [entry.kind for entry in journal.of_account(session, each)].count(EventKind.SIM_ASKED_AGAIN)
            for each in (account_id, known, never_asked)
        ]
    assert asked == [1, 0, 0]


def test_journeys_ask_again_a_few_at_a_time(database: Database) -> None:
    with database.transaction() as session:
        some = [make_account(session).account_id for _ in range(3)]
    for each in some:
        note(database, each, SimAnswer.UNKNOWN)
    with database.transaction() as session:
        counts = [sim_checks.ask_again(session, "another carrier", at=START, limit=2) for _ in range(3)]
    assert counts == [2, 1, 0]
