"""Each process keeps its own sign of life; the last one of a kind of process counts, and who lives is told."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from store import Database
from store.engine import heartbeats
from store.engine.heartbeats import KEPT_FOR, LIVES_FOR, Heartbeat, ProcessKind
from tests.clocks import START
from tests.store.racing import at_once

SECOND = timedelta(seconds=1)


def beat(
    database: Database,
    name: str,
    kind: ProcessKind = ProcessKind.WORKER,
    *,
    after: timedelta = timedelta(),
    offset: timedelta = timedelta(),
) -> None:
    with database.transaction() as session:
        heartbeats.beat(session, name, kind, at=START + after, offset=offset)


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.exec(select(Heartbeat.name).order_by(col(Heartbeat.name))))


def clear(database: Database, *, after: timedelta) -> None:
    with database.transaction() as session:
        session.execute(heartbeats.cleared(now=START + after))


def test_the_last_sign_of_life_of_a_kind_counts(database: Database) -> None:
    with database.reading() as session:
        assert heartbeats.last(session, ProcessKind.WORKER, now=START) is None
    beat(database, "a")
    beat(database, "b", after=2 * SECOND)
    beat(database, "pages", ProcessKind.API, after=3 * SECOND)
    with database.reading() as session:
        assert heartbeats.last(session, ProcessKind.WORKER, now=START) == START + 2 * SECOND


def test_a_sign_of_life_from_the_future_is_none(database: Database) -> None:
    beat(database, "a")
    beat(database, "b", after=timedelta(days=1))
    with database.reading() as session:
        assert heartbeats.last(session, ProcessKind.WORKER, now=START) == START
        assert [process.name for process in heartbeats.living(session, now=START)] == ["a"]


def test_a_process_has_one_row_with_what_it_said_last(database: Database) -> None:
    beat(database, "a", offset=timedelta(minutes=5))
    beat(database, "a", after=SECOND, offset=-timedelta(seconds=1.5))
    with database.reading() as session:
        (process,) = heartbeats.living(session, now=START)
    assert (process.at, process.offset) == (START + SECOND, -timedelta(seconds=1.5))


@pytest.mark.parametrize(("silent_for", "lives"), [(LIVES_FOR, True), (LIVES_FOR + SECOND, False)])
def test_who_is_silent_for_long_does_not_live(
    database: Database, silent_for: timedelta, *, lives: bool
) -> None:
    beat(database, "a")
    with database.reading() as session:
        assert bool(heartbeats.living(session, now=START + silent_for)) is lives


def test_rows_of_the_dead_go_but_for_the_last_one_of_each_kind(database: Database) -> None:
    beat(database, "a")
    beat(database, "b", after=SECOND)
    beat(database, "pages", ProcessKind.API)
    clear(database, after=KEPT_FOR)
    assert names(database) == ["a", "b", "pages"]
    clear(database, after=KEPT_FOR + 5 * SECOND)
    assert names(database) == ["b", "pages"]


def test_rows_from_the_future_go(database: Database) -> None:
    beat(database, "a")
    beat(database, "b", after=timedelta(days=1))
    clear(database, after=SECOND)
    assert names(database) == ["a"]


def test_two_that_begin_at_once_do_not_disturb_each_other(database: Database) -> None:
    at_once(lambda: beat(database, "a"))
    assert names(database) == ["a"]
