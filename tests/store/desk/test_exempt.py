"""Whoever is exempt is in the list while it lasts, with what for and until when, once and on the right page."""

from datetime import timedelta

import pytest

from domain.desk.acts import Rest
from store import Database
from store.desk import exempt
from store.people import accounts
from tests.clocks import START
from tests.factories import make_account, make_journey
from tests.store.rollouts.plans import SORTING, explained

NOW = START + timedelta(hours=1)
DAY = timedelta(days=1)


def make_resting(database: Database, rest: Rest, *, days: int, external_id: str = "") -> str:
    """Somebody whom support leaves alone."""
    with database.transaction() as session:
        changes = {"external_id": external_id} if external_id else {}
        account_id = make_account(session, rest=rest, rests_until=NOW + days * DAY, **changes).account_id
        make_journey(session, account_id)
        return account_id


def listed(database: Database, rest: Rest | None = None, *, limit: int = 50) -> list[str]:
    """Whom the list has, page after page."""
    people: list[str] = []
    after = None
    with database.reading() as session:
        while True:
            some = exempt.page(session, rest, now=NOW, after=after, limit=limit)
            people += [row.person.account_id for row in some.people]
            if some.after is None:
                return people
            after = some.after


def test_who_is_exempt_is_listed_with_what_for_and_until_when(database: Database) -> None:
    machine = make_resting(database, Rest.MACHINE_ACCOUNT, days=30)
    with database.reading() as session:
        (row,) = exempt.page(session, None, now=NOW).people
    assert (row.person.account_id, row.rest, row.until) == (machine, Rest.MACHINE_ACCOUNT, NOW + 30 * DAY)
    assert row.person.policy


def test_who_is_paused_or_no_longer_exempt_is_not_listed(database: Database) -> None:
    make_resting(database, Rest.PAUSED, days=3)
    make_resting(database, Rest.OTHER, days=0)
    with database.transaction() as session:
        make_account(session)
    assert listed(database) == listed(database, Rest.PAUSED) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_the_next_to_end_come_first_each_once_whatever_a_page_holds(database: Database, limit: int) -> None:
    ends = [5, 1, 9, 1, 5, 1]
    people = [(make_resting(database, Rest.OTHER, days=days), days) for days in ends]
    in_order = sorted(people, key=lambda person: (person[1], person[0]))
    assert listed(database, limit=limit) == [account_id for account_id, _ in in_order]


def test_the_list_narrows_by_what_for_and_counts_each(database: Database) -> None:
    machine = make_resting(database, Rest.MACHINE_ACCOUNT, days=3)
    for days in (1, 2):
        make_resting(database, Rest.NO_CAPABLE_DEVICE, days=days)
    assert listed(database, Rest.MACHINE_ACCOUNT) == [machine]
    with database.reading() as session:
        counted = exempt.counts(session, now=NOW)
    assert counted == {Rest.MACHINE_ACCOUNT: 1, Rest.NO_CAPABLE_DEVICE: 2, Rest.OTHER: 0}


@pytest.mark.plans
def test_an_index_has_the_list_in_order(database: Database) -> None:
    make_resting(database, Rest.OTHER, days=1)
    with database.transaction() as session:
        query = exempt.listing(None, now=NOW, after=None, limit=50)
        assert "ix_account_rests_until" in explained(database, session, query, kept_from=SORTING)


def test_the_file_holds_everybody_and_nothing_that_a_spreadsheet_carries_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exempt, "_AT_ONCE", 2)
    for number in range(5):
        make_resting(database, Rest.OTHER, days=number + 1, external_id=f"=cmd{number}")
    with database.reading() as session:
        head, *rows = exempt.rows(session, None, now=NOW)
    assert head == exempt.COLUMNS
    assert [row[0] for row in rows] == [f"'=cmd{number}" for number in range(5)]
    with database.reading() as session:
        account = accounts.get(session, rows[0][1])
    assert account.phone
    assert account.phone not in str(rows)
