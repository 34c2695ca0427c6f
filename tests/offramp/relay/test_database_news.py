"""A process says once that the database has gone, and once that it is back, however many miss it meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from offramp.metrics import metrics
from offramp.relay import database_news
from offramp.relay.database_news import by_writing, news_of
from store import Database
from store.engine import small_writes
from store.engine.absences import Absence, DatabaseAway
from tests.absences import nobody_there, only_read
from tests.clocks import START
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_news, "LOOK_EVERY", timedelta(milliseconds=5))
    monkeypatch.setattr(database_news, "QUIET_FOR", timedelta(milliseconds=50))


def events(lines: list[Any]) -> list[str]:
    return [line["event"] for line in lines]


def miss(database: Database, times: int) -> None:
    for _ in range(times):
        with pytest.raises(DatabaseAway):
            database.ping()


def test_it_is_said_once_that_it_has_gone_and_once_that_it_is_back(sqlite_database: Database) -> None:
    with capture_logs() as lines, news_of(sqlite_database, by_writing(sqlite_database, "test")):
        with nobody_there(sqlite_database):
            miss(sqlite_database, 5)
            assert events(lines) == ["database_away"]
        wait_until(lambda: len(lines) == 2, "the process says that the database is back")
    assert events(lines) == ["database_away", "database_back"]
    assert (lines[0]["why"], lines[0]["reason"]) == ("away", "unable to open database file")


def missed_by_absence() -> dict[str, float]:
    """How often this process could not use a database, as Prometheus reads it."""
    (family,) = metrics.DATABASE_MISSED.collect()
    return {sample.labels["absence"]: sample.value for sample in family.samples}


def test_everybody_who_misses_it_is_counted_by_the_reason(sqlite_database: Database) -> None:
    with news_of(sqlite_database, by_writing(sqlite_database, "test")):
        before = missed_by_absence()
        assert set(before) == set(Absence)  # a series that is not there has no increase
        with only_read(sqlite_database):
            for _ in range(3):
                with pytest.raises(DatabaseAway):
                    small_writes.try_one(sqlite_database, "test", at=START)
            after = missed_by_absence()
            assert (
                after[Absence.READ_ONLY] >= before[Absence.READ_ONLY] + 3
            )  # its own thread asks beside them
            once_more = after[Absence.READ_ONLY] + 1
            wait_until(
                lambda: missed_by_absence()[Absence.READ_ONLY] >= once_more,
                "the process asks while it is away",
            )
    assert missed_by_absence() | {Absence.READ_ONLY: 0} == before | {Absence.READ_ONLY: 0}


def test_the_next_time_is_said_anew(sqlite_database: Database) -> None:
    with capture_logs() as lines, news_of(sqlite_database, by_writing(sqlite_database, "test")):
        for times in (1, 2):
            with nobody_there(sqlite_database):
                miss(sqlite_database, 3)
            wait_until(lambda: len(lines) == 2 * times, "the process says that the database is back")  # noqa: B023
    assert events(lines) == ["database_away", "database_back"] * 2


def test_one_that_can_only_be_read_is_not_back_for_a_process_that_writes(sqlite_database: Database) -> None:
    asked: list[str] = []

    def ask() -> None:
        asked.append("to write")
        small_writes.try_one(sqlite_database, "test", at=START)

    with capture_logs() as lines, news_of(sqlite_database, ask):
        with only_read(sqlite_database):
            with pytest.raises(DatabaseAway):
                ask()
            wait_until(lambda: len(asked) > 3, "it was asked several times whether it takes writes again")
            sqlite_database.ping()
            assert events(lines) == ["database_away"]
        wait_until(lambda: len(lines) == 2, "the process says that the database is back")
    assert events(lines) == ["database_away", "database_back"]


def test_for_one_that_reads_it_is_back_when_it_answers(sqlite_database: Database) -> None:
    with only_read(sqlite_database), capture_logs() as lines, news_of(sqlite_database, sqlite_database.ping):
        with pytest.raises(DatabaseAway), sqlite_database.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM small_write")
        wait_until(lambda: len(lines) == 2, "the process says that the database is back")
    assert events(lines) == ["database_away", "database_back"]
