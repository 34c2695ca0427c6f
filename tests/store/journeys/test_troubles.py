"""A journey that fails is known from when it was first seen failing until it is seen failing no more."""

from datetime import timedelta

from store import Database
from store.journeys import troubles
from store.journeys.troubles import LONGEST_ERROR, JourneyTrouble, Trouble
from tests.clocks import START
from tests.factories import make_account

DAY = timedelta(days=1)


def known(database: Database, *account_ids: str) -> list[JourneyTrouble]:
    with database.reading() as session:
        return list(troubles.of_accounts(session, account_ids))


def trouble(account_id: str, error: str = "an error", run_id: str = "a run") -> Trouble:
    return Trouble(account_id=account_id, run_id=run_id, error=error)


def test_a_failing_journey_is_kept_with_its_beginning_and_its_newest_error(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        assert troubles.note(session, [trouble(account_id), trouble("nobody here")], at=START) == 1
        newest = trouble(account_id, "x" * (LONGEST_ERROR + 1), "another run")
        assert troubles.note(session, [newest], at=START + DAY) == 1
        assert troubles.note(session, [], at=START + 2 * DAY) == 0
    (row,) = known(database, account_id, "nobody here")
    assert (row.since, row.seen_at) == (START, START + DAY)
    assert (row.run_id, row.error) == ("another run", "x" * 300)


def test_what_fails_no_more_is_forgotten_and_what_still_fails_is_not(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        other_id = make_account(session).account_id
        troubles.note(session, [trouble(account_id)], at=START)
        troubles.note(session, [trouble(other_id)], at=START + DAY)
        troubles.forget_unseen(session, since=START + DAY)
    assert [row.account_id for row in known(database, account_id, other_id)] == [other_id]
    assert known(database, account_id) == []
