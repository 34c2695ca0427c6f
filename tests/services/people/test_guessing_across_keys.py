"""Wrong codes that were counted before a secret key was rotated count on after it, for somebody as for nobody."""

from datetime import timedelta
from itertools import cycle

import pytest
from sqlmodel import col, select

from domain.codes import TRIES
from domain.errors import GuessedTooOften
from domain.safety.guessing import CEILING, GuessedCode, together
from domain.safety.secret_keys import key_id
from services.container import Services
from services.people import claimants, sign_in_codes
from services.people.contacts import Contact
from store import Database
from store.people import guesses
from store.people.guesses import Counted, GuessCount
from store.people.one_time_codes import OneTimeCode
from tests.clocks import START, FakeClock
from tests.factories import make_account
from tests.rings import NEW, OLD, with_ring
from tests.services.people.test_door_notes import statements, visit
from tests.services.people.test_guessing import (
    EMAIL,
    NOBODY,
    PHONE,
    Browser,
    guess_a_hundred_times,
    guess_until_shut,
)
from tests.store.racing import at_once


@pytest.fixture
def account_id(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session, phone=PHONE.phone, email=EMAIL.email).account_id


@pytest.mark.usefixtures("account_id")
@pytest.mark.parametrize("contact", [PHONE, NOBODY])
def test_a_thief_whose_tries_are_spent_waits_on_after_the_turn_and_when_the_former_key_goes(
    services: Services, contact: Contact
) -> None:
    before = with_ring(services, OLD)
    assert guess_until_shut(before, [contact]) == TRIES
    assert guess_until_shut(with_ring(services, OLD, NEW), [contact]) == 0
    assert guess_until_shut(with_ring(services, NEW, OLD), [contact]) == 1
    assert guess_until_shut(with_ring(services, NEW), [contact]) == 0


@pytest.mark.usefixtures("account_id")
def test_what_nobody_has_touched_since_the_turn_begins_anew_when_the_former_key_goes(
    services: Services, clock: FakeClock
) -> None:
    guess_a_hundred_times(with_ring(services, OLD), clock)
    assert guess_until_shut(with_ring(services, NEW), [PHONE]) == TRIES


@pytest.mark.usefixtures("account_id")
@pytest.mark.parametrize("contact", [PHONE, NOBODY])
def test_a_route_that_guesses_closed_stays_closed_after_the_turn(
    services: Services, clock: FakeClock, contact: Contact
) -> None:
    guess_a_hundred_times(with_ring(services, OLD), clock, contact)
    with pytest.raises(GuessedTooOften):
        Browser(with_ring(services, NEW, OLD)).ask(contact)


def test_whoever_signs_in_begins_anew_under_every_key(services: Services, account_id: str) -> None:
    guess_until_shut(with_ring(services, OLD), [PHONE], most=3)
    Browser(with_ring(services, NEW, OLD)).sign_in(account_id)
    assert rows(services.database) == []


def test_a_code_that_was_asked_for_before_the_turn_spends_its_tries_in_the_count_of_after(
    services: Services, account_id: str
) -> None:
    del account_id
    thief = Browser(with_ring(services, OLD))
    thief.ask()
    thief.services = with_ring(services, NEW, OLD)
    thief.guess()
    thief.guess()
    assert [(row.key_id, row.failures) for row in rows(services.database)] == [(key_id(OLD), 2)]
    thief.ask()
    assert [(row.key_id, row.failures) for row in rows(services.database)] == [(key_id(NEW), 2)]


@pytest.mark.usefixtures("account_id")
def test_a_code_that_is_asked_for_again_after_the_turn_hangs_on_the_newest_key_and_its_count_does_not(
    services: Services,
) -> None:
    thief = Browser(with_ring(services, OLD))
    thief.ask()
    thief.services = with_ring(services, NEW, OLD)
    sign_in_codes.ask_again(thief.services, thief.visit)
    thief.guess()
    with services.database.reading() as session:
        codes = session.exec(select(OneTimeCode).where(col(OneTimeCode.used_at).is_(None))).all()
    assert [(code.key_id, code.subject_key_id) for code in codes] == [(key_id(NEW), key_id(OLD))]
    assert [row.key_id for row in rows(services.database)] == [key_id(OLD)]


@pytest.mark.usefixtures("account_id")
def test_nobody_takes_the_very_statements_of_somebody_while_there_are_two_keys(services: Services) -> None:
    taken = []
    for contact in (PHONE, NOBODY):
        guess_until_shut(with_ring(services, OLD), [contact], most=1)
        with statements(services.database) as asked:
            sign_in_codes.ask(with_ring(services, NEW, OLD), visit(), contact)
        taken.append(asked)
    assert taken[0] == taken[1]


def test_tries_at_one_moment_in_processes_with_rings_in_different_orders_are_all_counted(
    database: Database,
) -> None:
    with database.transaction() as session:
        session.add(_count("old", 1, 0))
        session.add(_count("new", 1, 0))
    names = cycle((("old", "new"), ("new", "old")))

    def try_once() -> None:
        former, newest = next(names)
        with database.transaction() as session:
            guesses.move(session, [former], to=newest, key_id="b")
            counted = Counted(subject=newest, code=GuessedCode.SIGN_IN)
            guesses.failures(session, counted, at=START)
            guesses.add(session, counted, at=START)

    at_once(try_once, times=8)
    with database.transaction() as session:
        guesses.move(session, ["old"], to="new", key_id="b")
    assert [(row.subject, row.failures) for row in rows(database)] == [("new", 10)]


def test_counts_of_two_names_are_added_up(database: Database) -> None:
    for subject, failures, later in (("old", 3, 0), ("new", 4, 1)):
        with database.transaction() as session:
            session.add(_count(subject, failures, later))
    with database.transaction() as session:
        guesses.move(session, ["old"], to="new", key_id="b")
    assert [(row.subject, row.failures, row.last_at) for row in rows(database)] == [
        ("new", 7, START + timedelta(hours=1))
    ]


def test_a_browser_of_its_own_keeps_a_count_of_its_own(database: Database) -> None:
    with database.transaction() as session:
        session.add(_count("old", 3, 0))
        session.add(_count("old", 5, 0, browser_id="known"))
        guesses.move(session, ["old"], to="new", key_id="b")
    assert sorted((row.browser_id, row.failures) for row in rows(database)) == [("", 3), ("known", 5)]


@pytest.mark.parametrize(
    ("left", "right", "sum_"), [(3, 4, 7), (60, 60, 100), (100, 3, 103), (99, 99, 100), (150, 70, 200)]
)
def test_two_counts_do_not_jump_over_the_hundred_that_closes(left: int, right: int, sum_: int) -> None:
    assert together(left, right) == together(right, left) == sum_
    assert together(left, 0) == left
    assert CEILING == 100


def test_names_under_former_keys_come_after_the_newest(services: Services) -> None:
    both = claimants.of_contact(with_ring(services, NEW, OLD), PHONE)
    assert both.subjects == (
        claimants.of_contact(with_ring(services, NEW), PHONE).subject,
        claimants.of_contact(with_ring(services, OLD), PHONE).subject,
    )
    assert both.key_id == key_id(NEW)


def _count(subject: str, failures: int, later: int, browser_id: str = "") -> GuessCount:
    return GuessCount(
        subject=subject,
        code="sign_in",
        browser_id=browser_id,
        failures=failures,
        last_at=START + timedelta(hours=later),
    )


def rows(database: Database) -> list[GuessCount]:
    """The counts with wrong codes in them."""
    with database.reading() as session:
        return [row for row in session.exec(select(GuessCount)) if row.failures]
