"""A provider in trouble is left alone for longer and longer, tried by one message, and forgiven at once."""

from datetime import datetime, timedelta

import pytest

from store import Database
from store.messages import outages
from store.messages.outages import FAILURES_BEFORE_HOLD, LONGEST_HOLD, PROBE, SHORTEST_HOLD, Outage
from tests.clocks import START
from tests.store.racing import at_once

MAILER = "sendgrid"
SECOND = timedelta(seconds=1)


def admit(database: Database, now: datetime, *, provider: str = MAILER) -> datetime | None:
    with database.transaction() as session:
        return outages.admit(session, provider, now=now)


def fail(database: Database, now: datetime, *, retry_after: timedelta | None = None) -> datetime | None:
    with database.transaction() as session:
        return outages.note_failure(session, MAILER, reason="http_503", now=now, retry_after=retry_after)


def succeed(database: Database) -> None:
    with database.transaction() as session:
        outages.note_success(session, MAILER)


def fall_out(database: Database, now: datetime = START) -> datetime:
    """Fail as often as it takes; returns until when the provider is held off."""
    held_until = [fail(database, now) for _ in range(FAILURES_BEFORE_HOLD)][-1]
    assert held_until
    return held_until


def outage(database: Database) -> Outage:
    with database.reading() as session:
        (row,) = outages.every(session)
    return row


def test_what_works_has_no_row_and_holds_nobody_up(database: Database) -> None:
    assert admit(database, START) is None
    succeed(database)
    with database.reading() as session:
        assert outages.every(session) == []


def test_a_few_failures_are_bad_luck_and_one_more_holds_the_provider_off(database: Database) -> None:
    for _ in range(FAILURES_BEFORE_HOLD - 1):
        assert fail(database, START) is None
        assert admit(database, START) is None
    assert fail(database, START) == START + SHORTEST_HOLD
    assert admit(database, START) == START + SHORTEST_HOLD
    row = outage(database)
    assert (row.failures, row.since, row.reason) == (FAILURES_BEFORE_HOLD, START, "http_503")


def test_a_hold_is_of_one_provider_alone(database: Database) -> None:
    fall_out(database)
    assert admit(database, START, provider="twilio") is None


def test_after_a_hold_one_message_tries_and_the_others_wait_for_it(database: Database) -> None:
    back = fall_out(database)
    assert admit(database, back - SECOND) == back
    assert admit(database, back) is None
    assert admit(database, back) == back + PROBE


def test_of_many_that_waited_for_the_end_of_a_hold_one_goes_ahead(database: Database) -> None:
    back = fall_out(database)
    assert at_once(lambda: admit(database, back)).count(None) == 1


def test_a_probe_of_which_nothing_is_heard_is_followed_by_another(database: Database) -> None:
    back = fall_out(database)
    admit(database, back)
    assert admit(database, back + PROBE) is None
    assert admit(database, back + PROBE) == back + 2 * PROBE


def test_each_hold_is_twice_as_long_as_the_last_up_to_five_minutes(database: Database) -> None:
    now, holds = START, []
    held_until = fall_out(database)
    for _ in range(9):
        holds.append(int((held_until - now) / SECOND))
        now = held_until
        assert admit(database, now) is None
        now += SECOND  # the probe's failure is known a moment later
        again = fail(database, now)
        assert again
        held_until = again
    assert holds == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert timedelta(minutes=5) == LONGEST_HOLD


def test_what_was_on_its_way_when_the_hold_began_does_not_lengthen_it(database: Database) -> None:
    held_until = fall_out(database)
    for moment in range(4):
        assert fail(database, START + moment * SECOND) == held_until
    assert outage(database).failures == FAILURES_BEFORE_HOLD + 4


def test_the_providers_own_word_counts_at_once(database: Database) -> None:
    assert fail(database, START, retry_after=20 * SECOND) == START + 20 * SECOND
    assert admit(database, START) == START + 20 * SECOND


def test_the_providers_own_word_is_neither_shortened_nor_believed_for_longer_than_five_minutes(
    database: Database,
) -> None:
    until = fail(database, START, retry_after=timedelta(hours=6))
    assert until == START + LONGEST_HOLD
    assert fail(database, START + SECOND, retry_after=SECOND) == until
    for _ in range(FAILURES_BEFORE_HOLD):
        assert fail(database, START + SECOND) == until


def test_one_success_is_enough(database: Database) -> None:
    held_until = fall_out(database)
    succeed(database)
    assert admit(database, held_until - SECOND) is None
    assert fail(database, held_until) is None


def test_many_failures_at_once_are_all_counted(database: Database) -> None:
    at_once(lambda: fail(database, START))
    assert outage(database).failures == 8


@pytest.mark.parametrize("retry_after", [None, 3 * SECOND])
def test_a_probe_that_fails_ends_its_wait_and_begins_a_hold(
    database: Database, retry_after: timedelta | None
) -> None:
    back = fall_out(database)
    admit(database, back)
    until = fail(database, back + SECOND, retry_after=retry_after)
    assert until
    assert admit(database, until) is None
