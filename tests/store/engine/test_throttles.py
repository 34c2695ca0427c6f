"""Attempts are counted, even at the same moment, and a window that is over is forgotten."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from domain.errors import Throttled
from domain.safety.throttle import LIMITS, Throttle
from store import Database
from store.engine import throttles
from tests.clocks import START
from tests.limits import soft, strict
from tests.store.racing import at_once

CODES = Throttle.CODES_PER_ACCOUNT
LIMIT = strict(CODES)
SOFT = Throttle.CODES_PER_ADDRESS
SOFT_LIMIT = soft(SOFT)


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


@pytest.mark.parametrize(
    ("throttle", "most", "again_after"),
    [
        # The sixth code within a quarter of an hour, and the sixteenth within a day, are refused.
        (Throttle.CODES_PER_ACCOUNT, 5, timedelta(minutes=15)),
        (Throttle.CODES_PER_DAY, 15, timedelta(days=1)),
        # The fourth link within half a day, and the 61st long code within an hour, are refused.
        (Throttle.LINKS_PER_ACCOUNT, 3, timedelta(hours=12)),
        (Throttle.LONG_CODES_PER_ACCOUNT, 60, timedelta(hours=1)),
        # A member of support sees forty contacts within an hour, and a form does its act once within half a day.
        (Throttle.REVEALS_PER_MEMBER, 40, timedelta(hours=1)),
        (Throttle.ACTS_PER_FORM, 1, timedelta(hours=12)),
        # Whole offices share one address, so it is slowed after many, and never shut out for long.
        (Throttle.CODES_PER_ADDRESS, 100, timedelta(seconds=30)),
        (Throttle.TRIES_PER_ADDRESS, 200, timedelta(seconds=36)),
        (Throttle.LONG_CODES_PER_ADDRESS, 100, timedelta(seconds=36)),
        (Throttle.LINKS_PER_ADDRESS, 100, timedelta(minutes=3)),
        (Throttle.CEREMONIES_PER_ADDRESS, 300, timedelta(seconds=3)),
        (Throttle.STAFF_PER_ADDRESS, 200, timedelta(seconds=4.5)),
        (Throttle.SECURITY_EVENTS_PER_ADDRESS, 600, timedelta(seconds=0.1)),
    ],
)
def test_so_much_is_let_through_at_once_and_the_next_after_so_long(
    sqlite_database: Database, throttle: Throttle, most: int, again_after: timedelta
) -> None:
    with sqlite_database.transaction() as session:
        answers = [throttles.count(session, throttle, "somebody", now=START) for _ in range(most + 1)]
        too_soon = throttles.count(
            session, throttle, "somebody", now=START + again_after - timedelta(milliseconds=1)
        )
        in_time = throttles.count(session, throttle, "somebody", now=START + again_after)
    assert [answer is None for answer in answers] == [True] * most + [False]
    assert too_soon is not None
    assert in_time is None


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


@pytest.mark.parametrize("throttle", [CODES, Throttle.LONG_CODES_PER_ADDRESS])
def test_attempts_at_the_same_moment_are_all_counted(database: Database, throttle: Throttle) -> None:
    most = LIMITS[throttle].most
    with database.transaction() as session:
        for _ in range(most - 4):
            throttles.count(session, throttle, "somebody", now=START)
    answers = at_once(lambda: count(database, throttle=throttle), times=8)
    assert [answer is None for answer in answers].count(True) == min(4, most)


def test_whoever_has_used_up_a_soft_limit_is_slowed_and_not_shut_out(database: Database) -> None:
    use_up(database)
    refused = count(database, throttle=SOFT)
    assert refused is not None
    assert timedelta(seconds=refused.retry_after) <= SOFT_LIMIT.every + timedelta(seconds=1)
    later = [START + SOFT_LIMIT.every * step / 4 for step in range(1, 41)]
    assert [count(database, throttle=SOFT, at=at) is None for at in later].count(True) == 10


def test_attempts_that_were_refused_lengthen_no_wait_of_a_soft_limit(database: Database) -> None:
    use_up(database)
    for _ in range(50):
        assert count(database, throttle=SOFT) is not None
    assert count(database, throttle=SOFT, at=START + SOFT_LIMIT.every) is None


def test_a_soft_limit_that_was_left_alone_is_whole_again_and_never_more(database: Database) -> None:
    for at in (START, START + SOFT_LIMIT.most * SOFT_LIMIT.every, START + timedelta(days=30)):
        use_up(database, at=at)
        assert count(database, throttle=SOFT, at=at) is not None


def test_what_is_given_back_is_what_was_counted_and_no_more(database: Database) -> None:
    use_up(database)
    for _ in range(2):
        with database.transaction() as session:
            throttles.give_back(session, SOFT, "somebody")
    assert [count(database, throttle=SOFT) is None for _ in range(3)] == [True, True, False]
    for _ in range(SOFT_LIMIT.most + 5):
        with database.transaction() as session:
            throttles.give_back(session, SOFT, "somebody")
    use_up(database)


def test_attempts_that_an_earlier_release_counted_beyond_the_limit_keep_nobody_waiting_for_hours(
    database: Database,
) -> None:
    use_up(database)
    with database.transaction() as session:
        session.execute(text("UPDATE throttle SET times = 5000"))
    assert count(database, throttle=SOFT, at=START + SOFT_LIMIT.every) is None


def use_up(database: Database, *, at: datetime = START) -> None:
    """Use up a soft limit that is whole: exactly as many attempts as it says."""
    with database.transaction() as session:
        answers = [throttles.count(session, SOFT, "somebody", now=at) for _ in range(SOFT_LIMIT.most + 1)]
    assert [answer is None for answer in answers] == [True] * SOFT_LIMIT.most + [False]


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
