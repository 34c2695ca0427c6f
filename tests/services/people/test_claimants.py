"""Who a typed contact stands for, where it can mean several numbers: the same work for somebody and nobody."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from services.container import Services
from services.people import claimants
from services.people.claimants import Claimant
from services.people.contacts import read_contact
from store import Database
from tests.factories import make_account

DIALLED, WITH_PLUS = "+494915112350018", "+4915112350018"
EATEN = WITH_PLUS.removeprefix("+")


def claim(services: Services, typed: str, region: str | None = "DE") -> Claimant:
    return claimants.of_contact(services, read_contact(typed, region))


def make(database: Database, phone: str) -> str:
    with database.transaction() as session:
        return make_account(session, phone=phone).account_id


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("phone", [DIALLED, WITH_PLUS])
def test_a_number_without_its_plus_finds_the_account_in_either_reading(
    services: Services, database: Database, phone: str
) -> None:
    account_id = make(database, phone)
    claimant = claim(services, EATEN)
    assert (claimant.account_id, claimant.value) == (account_id, phone)
    assert claimant.subject == claimants.of_account(services, account_id).subject


def test_of_two_accounts_the_number_as_it_is_dialled_comes_first(
    services: Services, database: Database
) -> None:
    make(database, WITH_PLUS)
    account_id = make(database, DIALLED)
    assert claim(services, EATEN).account_id == account_id


@pytest.mark.parametrize("region", [None, "US", "DE"])
def test_a_number_without_its_plus_is_understood_wherever_the_browser_is(
    services: Services, database: Database, region: str | None
) -> None:
    account_id = make(database, WITH_PLUS)
    assert claim(services, EATEN, region).account_id == account_id
    assert claim(services, f"00{EATEN}", region).account_id == account_id


@pytest.mark.parametrize("typed", ["+5215512345678", "+525512345678", "15512345678", "5512345678"])
def test_a_number_of_a_retired_plan_finds_the_account(
    services: Services, database: Database, typed: str
) -> None:
    account_id = make(database, "+525512345678")
    assert claim(services, typed, "MX").account_id == account_id


@pytest.mark.parametrize("phone", ["+5491123456789", "+541123456789"])
@pytest.mark.parametrize(
    "typed", ["11 2345-6789", "011 15 2345-6789", "+54 9 11 2345 6789", "+54 11 2345 6789"]
)
def test_an_argentine_number_finds_the_account_with_and_without_its_nine(
    services: Services, database: Database, phone: str, typed: str
) -> None:
    account_id = make(database, phone)
    assert claim(services, typed, "AR").account_id == account_id


def test_as_many_numbers_are_looked_up_for_nobody_as_for_somebody(
    services: Services, database: Database
) -> None:
    with statements(database) as for_nobody:
        assert claim(services, EATEN).account_id == ""
    for phone in (WITH_PLUS, DIALLED):
        make(database, phone)
        with statements(database) as for_somebody:
            assert claim(services, EATEN).account_id
        assert for_somebody == for_nobody
    assert sum("FROM account" in statement for statement in for_nobody) == 2


def test_attempts_for_nobody_are_counted_by_one_of_the_readings(services: Services) -> None:
    subjects = {claim(services, number).subject for number in (DIALLED, WITH_PLUS)}
    drawn = claim(services, EATEN)
    assert len(subjects) == 2
    assert drawn.subject in subjects
    assert drawn == claim(services, EATEN)


def test_which_reading_counts_for_nobody_differs_from_number_to_number(services: Services) -> None:
    counted = {claim(services, f"49151123500{end}").value.startswith("+49151") for end in range(10, 40)}
    assert counted == {True, False}


def test_both_spellings_of_an_argentine_number_are_counted_together(services: Services) -> None:
    assert claim(services, "+541123456789", "AR") == claim(services, "+5491123456789", "AR")
    assert claim(services, "11 2345-6789", "AR") == claim(services, "011 15 2345-6789", "AR")
