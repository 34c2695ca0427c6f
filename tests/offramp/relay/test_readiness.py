"""Readiness: database, relay and Temporal, each by name and with the reason."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import Purpose, Template
from offramp import wiring
from offramp.config.settings import Settings
from offramp.relay.lag import LARGEST_LAG
from offramp.relay.readiness import Readings
from services.container import Readiness
from store import Database
from store.engine import heartbeats
from store.engine.heartbeats import LIVES_FOR, ProcessKind
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import journal
from tests.absences import only_read
from tests.clocks import START, FakeClock
from tests.databases import KeptDatabase
from tests.factories import make_account
from tests.store.racing import at_once


@pytest.fixture
def readings(settings: Settings, sqlite_database: Database, clock: FakeClock) -> Readings:
    return Readings(database=sqlite_database, clock=clock, connect=lambda: wiring.connect(settings))


def relay(readings: Readings) -> Readiness:
    return next(readiness for readiness in readings() if readiness.name == "relay")


def beat(database: Database, *, offset: timedelta = timedelta()) -> None:
    with database.transaction() as session:
        heartbeats.beat(session, "worker", ProcessKind.WORKER, at=START, offset=offset)


def test_each_is_told_by_name(readings: Readings) -> None:
    assert [readiness.name for readiness in readings()] == ["database", "clocks", "relay", "temporal"]


@pytest.mark.parametrize(
    ("offset", "problem"),
    [
        (timedelta(seconds=2), ""),
        (timedelta(seconds=-5), "the clock of worker is 5 s behind the database's"),
        (
            timedelta(minutes=5),
            "the clock of worker is 5 minutes ahead of the database's, so it takes no work",
        ),
        (
            timedelta(seconds=86399.9),
            "the clock of worker is 24 hours ahead of the database's, so it takes no work",
        ),
        (timedelta(days=-1), "the clock of worker is 24 hours behind the database's, so it takes no work"),
    ],
)
def test_a_process_whose_clock_is_wrong_is_named(
    readings: Readings, sqlite_database: Database, offset: timedelta, problem: str
) -> None:
    beat(sqlite_database, offset=offset)
    clocks = next(readiness for readiness in readings() if readiness.name == "clocks")
    assert (clocks.ready, clocks.detail) == (not problem, problem)


def test_a_worker_that_never_ran_is_no_relay(readings: Readings) -> None:
    assert relay(readings).detail == "the worker has never run; `offramp worker` or `offramp up` starts it"


def test_a_beating_relay_is_ready(readings: Readings, sqlite_database: Database) -> None:
    beat(sqlite_database)
    assert relay(readings).ready


def test_a_relay_that_stopped_beating_is_not(
    readings: Readings, sqlite_database: Database, clock: FakeClock
) -> None:
    beat(sqlite_database)
    clock.advance(LIVES_FOR + timedelta(seconds=1))
    assert (
        relay(readings).detail == "the worker's last sign of life is 16 s old; is `offramp worker` running?"
    )


def test_facts_that_wait_too_long_make_it_unready(
    readings: Readings, sqlite_database: Database, clock: FakeClock
) -> None:
    beat(sqlite_database)
    with sqlite_database.transaction() as session:
        account = make_account(session)
        journal.append(session, account.account_id, EventKind.PROMPT_SEEN, at=START, actor=Actor.PERSON)
    assert relay(readings).ready
    clock.advance(LARGEST_LAG + timedelta(seconds=1))
    assert relay(readings).detail == "journal entries wait since 11 s"


def test_messages_that_wait_too_long_make_it_unready(
    readings: Readings, sqlite_database: Database, clock: FakeClock
) -> None:
    beat(sqlite_database)
    with sqlite_database.transaction() as session:
        account = make_account(session)
        new = NewMessage(
            key="k",
            account_id=account.account_id,
            purpose=Purpose.CODE,
            template=Template.SIGN_IN_CODE,
            channel=Channel.SMS,
            recipient="+4915112345602",
            locale="en",
        )
        messages.add(session, new, at=START)
    clock.advance(LARGEST_LAG + timedelta(seconds=1))
    assert relay(readings).detail == "messages wait since 11 s"


def test_a_temporal_that_is_away_is_told_of_in_a_word(readings: Readings) -> None:
    temporal = readings()[-1]
    assert not temporal.ready
    assert temporal.detail.startswith("Temporal does not answer")


def test_a_database_that_is_away_is_told_of(settings: Settings, tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").write_text("this is no database, whatever its name says" * 30)
    database = Database(f"sqlite:///{tmp_path / 'file'}")
    readings = Readings(database=database, clock=clock, connect=lambda: wiring.connect(settings))
    assert [readiness.ready for readiness in readings()] == [False, False, False, False]
    assert readings()[0].detail == "the storage of the database fails"
    database.close()


def test_a_database_that_can_only_be_read_is_not_ready(readings: Readings, sqlite_database: Database) -> None:
    beat(sqlite_database)
    with only_read(sqlite_database):
        database, _clocks, worker, _temporal = readings()
    assert (database.ready, database.detail) == (False, "the database can only be read")
    assert worker.ready, "what can be read is told all the same"


def test_many_requests_cost_one_write(
    settings: Settings, sqlite_database: KeptDatabase, clock: FakeClock
) -> None:
    readings = Readings(database=sqlite_database, clock=clock, connect=lambda: wiring.connect(settings))
    before = sqlite_database.writes
    at_once(readings, times=6)
    assert sqlite_database.writes == before + 1
