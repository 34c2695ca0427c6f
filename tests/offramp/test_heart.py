"""A process beats, says once that its machine's clock is wrong, and does what it does while the clock is right."""

import asyncio
import contextlib
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from domain.clock_offsets import WORKS_UNTIL
from offramp.clock import DatabaseClock, machine_time
from offramp.heart import Heart, beating
from store import Database
from store.engine import heartbeats
from store.engine.heartbeats import Heartbeat, ProcessKind
from tests.waiting import eventually

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class World:
    """A process on a machine whose clock the test sets."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.wrong_by = timedelta()
        self.clock = DatabaseClock(machine=self.machine)
        self.heart = Heart(database, ProcessKind.WORKER, self.clock)
        self.begun = 0
        self.ended = 0

    def machine(self) -> datetime:
        return machine_time() + self.wrong_by

    def beat(self, wrong_by: timedelta) -> bool:
        self.wrong_by = wrong_by
        self.heart.beat()
        return self.heart.may_work

    async def act(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1

    def processes(self) -> list[Heartbeat]:
        with self.database.reading() as session:
            return list(heartbeats.living(session, now=self.clock()))


@pytest.fixture
def world(sqlite_database: Database) -> World:
    return World(sqlite_database)


def test_a_beat_names_the_process_and_how_its_clock_is(world: World) -> None:
    world.beat(timedelta(minutes=5))
    (process,) = world.processes()
    assert process.name.startswith("worker@")
    assert process.kind == ProcessKind.WORKER
    assert abs(process.offset - timedelta(minutes=5)) < 30 * SECOND


def test_a_worker_stops_beyond_the_limit_and_begins_again_when_its_clock_is_right(world: World) -> None:
    assert world.beat(WORKS_UNTIL - 20 * SECOND)
    assert not world.beat(-DAY)
    assert not world.beat(WORKS_UNTIL - 20 * SECOND)  # better, but not right
    assert world.beat(timedelta())


def test_what_is_wrong_is_said_once(world: World) -> None:
    with capture_logs() as lines:
        for wrong_by in (timedelta(), DAY, DAY, DAY, timedelta(), timedelta()):
            world.beat(wrong_by)
    assert [line["event"] for line in lines] == ["clock_wrong", "clock_right"]
    assert not lines[0]["works"]


def test_a_database_that_is_away_is_said_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as lines, monkeypatch.context() as away:
        away.setattr(world.database, "reading", lambda: contextlib.nullcontext(None))
        world.beat(timedelta())
        world.beat(timedelta())
    assert [line["event"] for line in lines] == ["heartbeat_missed"]
    assert world.beat(timedelta())


async def test_work_stops_while_the_clock_is_wrong(world: World) -> None:
    working = asyncio.create_task(world.heart.while_right(world.act))
    await eventually(lambda: world.begun == 1, "work begins")
    world.wrong_by = DAY
    await eventually(lambda: world.ended == 1, "work ends")
    world.wrong_by = timedelta()
    await eventually(lambda: world.begun == 2, "work begins anew")
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    assert world.ended == 2


async def test_work_that_fails_is_not_begun_anew(world: World) -> None:
    async def fail() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await world.heart.while_right(fail)


def test_other_processes_beat_from_the_beginning(world: World) -> None:
    with beating(world.database, ProcessKind.API, world.clock):
        assert [process.kind for process in world.processes()] == [ProcessKind.API]
