"""Attempts are counted, even at the same moment, and a window that is over is forgotten."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from domain.errors import Throttled
from domain.throttle import LIMITS, Throttle
from store import Database
from store.engine import throttles
from tests.clocks import START
from tests.store.racing import at_once

CODES = Throttle.CODES_PER_ACCOUNT
LIMIT = LIMITS[CODES]


def count(
    database: Database, subject: str = "somebody", *, throttle: Throttle = CODES, at: datetime = START
) -> Throttled | None:
    with database.transaction() as session:
        return throttles.count(session, throttle, subject, now=at)


@pytest.mark.parametrize("throttle", Throttle)
def test_as_many_attempts_are_let_through_as_the_limit_says(
    sqlite_database: Database, throttle: Throttle
) -> None:
    most = LIMITS[throttle].most
    with sqlite_database.transaction() as session:
        answers = [throttles.count(session, throttle, "somebody", now=START) for _ in range(most + 2)]
    assert [answer is None for answer in answers] == [True] * most + [False] * 2


def test_who_is_refused_is_told_when_to_come_back(database: Database) -> None:
    for _ in range(LIMIT.most):
        count(database)
    refused = count(database, at=START + timedelta(minutes=1))
    assert refused is not None
    back = START + timedelta(minutes=1, seconds=refused.retry_after)
    assert timedelta() < back - (START + LIMIT.window) <= timedelta(seconds=1)
    assert count(database, at=back) is None


def test_a_window_that_is_over_begins_anew_with_all_its_attempts(database: Database) -> None:
    for _ in range(LIMIT.most + 3):
        count(database)
    over = START + LIMIT.window
    assert count(database, at=over - timedelta(seconds=1)) is not None
    assert [count(database, at=over) is None for _ in range(LIMIT.most + 1)] == [True] * LIMIT.most + [False]


def test_attempts_at_the_same_moment_are_all_counted(database: Database) -> None:
    answers = at_once(lambda: count(database), times=LIMIT.most + 3)
    assert [answer is None for answer in answers].count(True) == LIMIT.most


def test_everybody_and_everything_is_counted_separately(database: Database) -> None:
    for _ in range(LIMIT.most + 1):
        count(database)
    assert count(database) is not None
    assert count(database, "somebody else") is None
    assert count(database, throttle=Throttle.LONG_CODES_PER_ACCOUNT) is None


def test_whose_attempts_are_counted_cannot_be_read_from_the_database(database: Database) -> None:
    count(database, "+4915100000001")
    with database.reading() as session:
        assert "4915100000001" not in str(session.execute(text("SELECT * FROM throttle")).all())
