"""The clock of a process follows the database's, whatever its machine's clock says, now or later."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.journal import Actor, EventKind
from offramp.clock import DatabaseClock, machine_time, steady_seconds
from store import Database
from store.engine.database_clock import CLOCK
from store.people import journal
from tests.clocks import START, FakeClock
from tests.factories import make_account

DAY = timedelta(days=1)
SOON = timedelta(seconds=30)
"""Longer than a look takes, however busy the machine is."""


class Machine:
    """A machine whose clock says the true time and `wrong_by` more, and whose steady clock counts what passes."""

    def __init__(self, wrong_by: timedelta = timedelta()) -> None:
        self.wrong_by = wrong_by

    def __call__(self) -> datetime:
        return machine_time() + self.wrong_by


def following(database: Database, machine: Machine) -> DatabaseClock:
    clock = DatabaseClock(machine=machine)
    clock.follow(database)
    return clock


def is_now(at: datetime) -> bool:
    assert at.tzinfo is UTC
    return abs(at - datetime.now(UTC)) < SOON


@pytest.mark.parametrize("wrong_by", [DAY, -DAY, timedelta(minutes=5), timedelta()])
def test_a_machine_whose_clock_is_wrong_tells_the_databases_time(
    database: Database, wrong_by: timedelta
) -> None:
    clock = following(database, Machine(wrong_by))
    assert is_now(clock())
    assert abs(clock.offset - wrong_by) < SOON


def test_a_clock_that_is_set_later_changes_nothing(database: Database) -> None:
    machine = Machine()
    clock = following(database, machine)
    for machine.wrong_by in (DAY, -DAY):
        assert is_now(clock())
        assert abs(clock.offset - machine.wrong_by) < SOON
        clock.follow(database)
        assert is_now(clock())


def test_between_two_looks_time_passes_by_the_steady_clock(database: Database) -> None:
    passed = 0.0
    clock = DatabaseClock(steady=lambda: steady_seconds() + passed)
    clock.follow(database)
    passed = DAY.total_seconds()
    assert is_now(clock() - DAY)


def test_the_next_look_mends_what_went_wrong_since_the_last_one(database: Database) -> None:
    passed = 0.0
    clock = DatabaseClock(steady=lambda: steady_seconds() + passed)
    clock.follow(database)
    passed = DAY.total_seconds()
    clock.follow(database)
    assert is_now(clock())


def test_an_answer_that_took_long_does_not_move_a_time_that_may_be_right(database: Database) -> None:
    times = iter([0.0, 4000.0, 4000.0, 4000.0])
    wrong_by = timedelta(seconds=1000)
    clock = DatabaseClock(machine=Machine(wrong_by), steady=lambda: next(times))
    clock.follow(database)  # it may have been answered at any moment of these 4000 seconds
    assert is_now(clock() - wrong_by)


def test_a_process_that_is_held_up_while_it_compares_sees_no_difference(database: Database) -> None:
    held_up = 0.0
    clock = DatabaseClock(steady=lambda: steady_seconds() + held_up)
    clock.follow(database)

    def machine() -> datetime:
        nonlocal held_up
        held_up = 600.0
        return machine_time()

    clock._machine = machine
    assert abs(clock.offset) < SOON


def test_before_the_first_look_the_machine_is_believed() -> None:
    clock = DatabaseClock(machine=FakeClock())
    assert (clock(), clock.offset) == (START, timedelta())


def test_a_database_without_a_file_leaves_the_machines_clock() -> None:
    database = Database("sqlite://")
    clock = DatabaseClock(machine=FakeClock())
    clock.follow(database)
    assert clock() == START
    database.close()


def test_no_entry_of_the_journal_lies_in_the_future(sqlite_database: Database) -> None:
    database = Database(sqlite_database.url, notes={CLOCK: FakeClock()})
    with database.transaction() as session:
        account_id = make_account(session).account_id
        for at in (START + DAY, START - DAY):
            journal.append(session, account_id, EventKind.SIGNED_IN, at=at, actor=Actor.PERSON)
        assert {entry.at for entry in journal.of_account(session, account_id)} >= {START, START - DAY}
    database.close()
