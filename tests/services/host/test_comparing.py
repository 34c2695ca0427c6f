"""A host's list against the accounts here: who is missing in it, on both databases, and never by a torso of a list."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import inspect

from domain.facts import SmsState
from domain.host.comparing import AccountDifference, Comparison, ListedState, SmsDifference
from services.host import comparing, deletions
from store import Database
from store.host import comparisons
from store.people import accounts
from tests.clocks import START, FakeClock
from tests.factories import make_account

MISSING = SmsDifference.MISSING_THERE
PEOPLE = 1203
LATER = START + timedelta(hours=1)


class Broken(Exception):
    """The list breaks off."""


def lines(*external_ids: str) -> Iterator[ListedState]:
    for number, external_id in enumerate(external_ids, start=1):
        yield ListedState(line=number, external_id=external_id, is_off=False)


def compared(database: Database, listed: Iterator[ListedState], clock: FakeClock) -> list[AccountDifference]:
    told: list[AccountDifference] = []
    comparing.compare(database, listed, Comparison(), clock=clock, tell=told.append)
    return told


@pytest.fixture
def people(database: Database, clock: FakeClock) -> list[str]:
    """More accounts than one batch has, of an hour ago."""
    names = [f"u-{number:04d}" for number in range(PEOPLE)]
    with database.transaction() as session:
        for name in names:
            make_account(session, external_id=name)
    clock.now = LATER
    return names


def test_who_is_not_listed_is_told_wherever_in_the_list_they_would_be(
    database: Database, people: list[str], clock: FakeClock
) -> None:
    missing = {people[0], people[499], people[500], people[-1]}
    told = compared(database, lines(*(name for name in people if name not in missing)), clock)
    assert told == [AccountDifference(kind=MISSING, external_id=name) for name in sorted(missing)]
    with database.reading() as session:
        kept = comparisons.last(session)
    assert kept
    assert kept.differences[MISSING] == 4


def test_a_list_may_name_an_account_twice_and_each_comparison_begins_anew(
    database: Database, people: list[str], clock: FakeClock
) -> None:
    assert compared(database, lines(*people, *people[:600]), clock) == []
    assert len(compared(database, lines(people[0], people[0]), clock)) == PEOPLE - 1
    with database.engine.connect() as connection:
        assert "listed_account" not in inspect(connection).get_temp_table_names()


def test_deleted_accounts_and_those_that_came_since_are_not_missed(
    database: Database, people: list[str], clock: FakeClock
) -> None:
    with database.transaction() as session:
        gone = accounts.by_external_id(session, people[0])
        assert gone
        deletions.delete(session, accounts.lock(session, gone.account_id), at=LATER)
        make_account(session, external_id="new", created_at=LATER)
    assert compared(database, lines(*people[1:]), clock) == []


def test_an_account_that_differs_is_not_missing(
    database: Database, people: list[str], clock: FakeClock
) -> None:
    with database.transaction() as session:
        make_account(session, external_id="ada", sms=SmsState.SUSPENDED, sms_since=START)
    (told,) = compared(database, lines("ada", *people), clock)
    assert told == AccountDifference(kind=SmsDifference.ON_THERE, external_id="ada", line=1)


@pytest.mark.parametrize("length", [0, 700])
def test_a_list_that_breaks_off_misses_nobody_and_keeps_nothing(
    database: Database, people: list[str], clock: FakeClock, length: int
) -> None:
    def breaking() -> Iterator[ListedState]:
        yield from lines(*people[:length])
        raise Broken

    told: list[AccountDifference] = []
    with pytest.raises(Broken):
        comparing.compare(database, breaking(), Comparison(), clock=clock, tell=told.append)
    assert told == []
    with database.reading() as session:
        assert comparisons.last(session) is None


def test_people_are_served_while_a_list_is_slow_to_come(
    database: Database, people: list[str], clock: FakeClock
) -> None:
    def slow() -> Iterator[ListedState]:
        yield from lines(*people)
        with database.transaction() as session:
            make_account(session, external_id="in between", created_at=LATER)

    assert compared(database, slow(), clock) == []


def test_bad_lines_and_a_list_of_nobody_leave_open_who_is_missing(
    database: Database, people: list[str], clock: FakeClock
) -> None:
    told: list[AccountDifference] = []
    torso, nobody = Comparison(bad_lines=1), Comparison()
    comparing.compare(database, lines(people[0]), torso, clock=clock, tell=told.append)
    comparing.compare(database, lines(), nobody, clock=clock, tell=told.append)
    assert told == []
    for comparison in (torso, nobody):
        assert MISSING not in comparison.differences
        assert not comparison.is_clean
