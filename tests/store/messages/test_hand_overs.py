"""What is handed over next: what people wait for, nudges in turn of their cohorts, and nothing before its time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from domain.facts import Channel
from domain.messages.messages import LIFETIMES, SEND_TIMEOUT, MessageState, Purpose, Template
from store import Database
from store.messages import hand_overs, messages
from store.messages.hand_overs import HANDED_LIFETIME, RETRY_REST
from store.messages.messages import ClaimOutcome, Message, NewMessage
from tests.clocks import START

LOST = START + SEND_TIMEOUT
SECOND = timedelta(seconds=1)
KEY = "an account:sign_in_code:1"
LATE = START + timedelta(hours=1)


@pytest.fixture
def nudge(new: NewMessage) -> NewMessage:
    return replace(new, purpose=Purpose.NUDGE, template=Template.NUDGE_EMAIL_VERIFIED, channel=Channel.EMAIL)


def add(database: Database, *new: NewMessage, at: datetime = START) -> None:
    """Each a second after the one before."""
    with database.transaction() as session:
        for number, message in enumerate(new):
            messages.add(session, message, at=at + number * SECOND)


def hand_over(database: Database, *keys: str, at: datetime = START) -> None:
    with database.transaction() as session:
        hand_overs.mark_handed(session, keys, at=at)


def claimed(database: Database, key: str = KEY, *, now: datetime = START) -> Message:
    with database.transaction() as session:
        claim, message = messages.claim(session, key, now=now)
    assert claim is ClaimOutcome.GRANTED
    assert message is not None
    return message


def give_back(database: Database, message: Message, *, until: datetime | None = None) -> None:
    with database.transaction() as session:
        messages.release(session, message, until=until, waits_for="quiet_hours" if until else None)


def kept(database: Database, key: str = KEY) -> Message:
    with database.reading() as session:
        message = messages.find(session, key)
    assert message is not None
    return message


def waited_for(database: Database, *, now: datetime = LATE, limit: int = 10) -> list[str]:
    with database.reading() as session:
        return [message.key for message in hand_overs.waited_for(session, now=now, limit=limit)]


def nudges(
    database: Database, *, channel: Channel = Channel.EMAIL, now: datetime = LATE, limit: int = 10
) -> list[str]:
    with database.reading() as session:
        return [message.key for message in hand_overs.nudges(session, channel, now=now, limit=limit)]


def of_cohort(nudge: NewMessage, cohort_id: str, count: int) -> Sequence[NewMessage]:
    return [
        replace(nudge, key=f"{cohort_id} {number}", cohort_id=cohort_id) for number in range(1, count + 1)
    ]


def test_what_people_wait_for_is_found_apart_from_reminders_codes_first_and_then_what_is_older(
    database: Database, new: NewMessage, nudge: NewMessage
) -> None:
    notice = replace(new, purpose=Purpose.NOTICE)
    named = {"nudge": nudge, "notice": notice, "later notice": notice, "code": new, "later code": new}
    add(database, *(replace(message, key=key) for key, message in named.items()))
    assert waited_for(database) == ["code", "later code", "notice", "later notice"]
    assert waited_for(database, limit=1) == ["code"]
    assert nudges(database) == ["nudge"]


def test_a_small_cohort_does_not_wait_until_a_large_one_is_served(
    database: Database, nudge: NewMessage
) -> None:
    add(database, *of_cohort(nudge, "large", 5))
    add(database, *of_cohort(nudge, "small", 2), *of_cohort(nudge, "", 1), at=START + timedelta(minutes=1))
    in_turn = [" 1", "large 1", "small 1", "large 2", "small 2", "large 3", "large 4", "large 5"]
    assert nudges(database) == in_turn
    assert nudges(database, limit=3) == in_turn[:3]


def test_each_channel_has_nudges_of_its_own(database: Database, nudge: NewMessage) -> None:
    add(database, nudge, replace(nudge, key="text", channel=Channel.SMS))
    assert (nudges(database), nudges(database, channel=Channel.SMS)) == ([KEY], ["text"])


def test_nudges_that_temporal_has_are_counted_until_somebody_sends_them(
    database: Database, new: NewMessage, nudge: NewMessage
) -> None:
    add(database, new, *of_cohort(nudge, "large", 3), replace(nudge, key="text", channel=Channel.SMS))
    hand_over(database, KEY, "large 1", "large 2", "text")
    claimed(database, "large 1")
    with database.reading() as session:
        counts = [hand_overs.count_nudges_handed(session, channel) for channel in Channel]
    assert dict(zip(Channel, counts, strict=True)) == {Channel.EMAIL: 1, Channel.SMS: 1}


@pytest.mark.parametrize("until", [None, START + timedelta(hours=9)])
def test_what_was_given_back_waits_its_time_and_goes_by_it(
    database: Database, nudge: NewMessage, until: datetime | None
) -> None:
    add(database, nudge)
    give_back(database, claimed(database), until=until)
    due = until or START + RETRY_REST
    assert nudges(database, now=due - SECOND) == []
    add(database, replace(nudge, key="newer"), at=START + SECOND)
    in_order = ["newer", KEY] if until else [KEY, "newer"]
    assert nudges(database, now=due) == in_order


def test_what_a_provider_did_not_take_waits_a_moment_and_is_handed_on_again(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    give_back(database, claimed(database))
    assert kept(database).state == MessageState.QUEUED
    assert waited_for(database, now=START) == []
    assert waited_for(database, now=START + RETRY_REST) == [KEY]
    assert claimed(database, now=START + RETRY_REST).claimed_at == START + RETRY_REST


def test_what_has_to_wait_says_for_what_and_is_not_handed_on_before_its_time(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    morning = START + timedelta(hours=9)
    give_back(database, claimed(database), until=morning)
    assert (kept(database).not_before, kept(database).waits_for) == (morning, "quiet_hours")
    assert waited_for(database, now=morning - SECOND) == []
    assert waited_for(database, now=morning) == [KEY]
    claimed(database, now=morning)
    assert (kept(database).not_before, kept(database).waits_for) == (None, None)


def test_what_is_further_along_is_not_set_back_by_being_handed_over(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    claimed(database)
    hand_over(database, KEY)
    assert kept(database).state == MessageState.SENDING


def test_what_temporal_has_lost_is_queued_again_and_what_is_being_sent_is_not(
    database: Database, new: NewMessage
) -> None:
    keys = ("handed", "sending", "sent")
    add(database, *(replace(new, key=key) for key in keys))
    hand_over(database, *keys)
    claimed(database, "sending")
    sent = claimed(database, "sent")
    with database.transaction() as session:
        messages.settle(session, sent, MessageState.SENT, at=START)
    with database.transaction() as session:
        hand_overs.requeue_handed(session)
    assert waited_for(database) == ["handed"]


def test_lost_claims_are_found_when_their_time_is_over(database: Database, new: NewMessage) -> None:
    add(database, new)
    claimed(database)
    with database.reading() as session:
        assert hand_overs.lost_claims(session, now=LOST - SECOND) == []
        assert hand_overs.lost_claims(session, now=LOST) == [KEY]


@pytest.mark.parametrize("purpose", Purpose)
def test_what_nobody_managed_to_send_in_time_is_found(
    database: Database, new: NewMessage, purpose: Purpose
) -> None:
    add(database, replace(new, purpose=purpose), at=START - timedelta(days=30))  # its turn came late
    hand_over(database, KEY)
    with database.reading() as session:
        assert hand_overs.overdue(session, now=START + LIFETIMES[purpose]) == []
        late = START + LIFETIMES[purpose] + SECOND
        assert [message.key for message in hand_overs.overdue(session, now=late)] == [KEY]


def longest_due(database: Database, *, now: datetime = LATE) -> datetime | None:
    with database.reading() as session:
        return hand_overs.longest_due(session, now=now)


def test_what_the_relay_should_have_handed_over_tells_its_lag(database: Database, new: NewMessage) -> None:
    assert longest_due(database) is None
    add(database, replace(new, key="older"), new)
    assert longest_due(database) == START
    claimed(database, "older")
    assert longest_due(database) == START + SECOND


def test_what_has_to_wait_and_nudges_whose_turn_has_not_come_are_no_lag(
    database: Database, new: NewMessage, nudge: NewMessage
) -> None:
    add(database, new, replace(nudge, key="nudge"))
    morning = START + timedelta(hours=9)
    give_back(database, claimed(database), until=morning)
    assert longest_due(database, now=morning - SECOND) is None
    assert longest_due(database, now=morning) == morning


@pytest.mark.plans
def test_looking_for_work_does_not_read_what_is_done(database: Database) -> None:
    """Nobody could hand over codes quickly if each look read every message that was ever sent."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        hand_overs.waited_for(session, now=START, limit=10)
        hand_overs.nudges(session, Channel.EMAIL, now=START, limit=10)
        hand_overs.count_nudges_handed(session, Channel.EMAIL)
        hand_overs.lost_claims(session, now=START)
        hand_overs.overdue(session, now=START)
        hand_overs.longest_due(session, now=START)
    event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
        plans = [
            str(connection.exec_driver_sql(_explain(statement, database), parameters).all())
            for statement, parameters in statements
            if statement.startswith("SELECT")
        ]
    assert len(plans) == 6
    partial = ("ix_message_queued", "ix_message_nudges_queued", "ix_message_under_way")
    assert [plan for plan in plans if not any(index in plan for index in partial)] == []


def _explain(statement: str, database: Database) -> str:
    return f"EXPLAIN QUERY PLAN {statement}" if database.is_sqlite else f"EXPLAIN {statement}"


def in_vain(database: Database, *, now: datetime) -> list[str]:
    with database.reading() as session:
        return [message.key for message in hand_overs.handed_in_vain(session, now=now, limit=9)]


def test_what_temporal_has_for_too_long_is_given_to_it_again_and_again(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    hand_over(database, KEY)
    first, second = START + HANDED_LIFETIME, START + 2 * HANDED_LIFETIME
    assert in_vain(database, now=first - SECOND) == []
    assert in_vain(database, now=first) == [KEY]
    hand_over(database, KEY, at=first)
    assert in_vain(database, now=second - SECOND) == []
    assert in_vain(database, now=second) == [KEY]


def test_a_message_that_is_given_again_does_not_live_longer(database: Database, new: NewMessage) -> None:
    add(database, new)
    hand_over(database, KEY)
    hand_over(database, KEY, at=START + HANDED_LIFETIME)
    with database.reading() as session:
        overdue = hand_overs.overdue(session, now=START + LIFETIMES[Purpose.CODE] + SECOND)
    assert [message.key for message in overdue] == [KEY]


def test_a_message_that_has_waited_for_a_moment_lives_from_its_next_hand_over(
    database: Database, new: NewMessage
) -> None:
    add(database, new)
    hand_over(database, KEY)
    give_back(database, claimed(database), until=LATE)
    hand_over(database, KEY, at=LATE)
    message = kept(database)
    assert (message.handed_at, message.handed_again_at) == (LATE, None)


def test_what_a_sender_has_claimed_is_not_marked_as_handed(database: Database, new: NewMessage) -> None:
    add(database, new)
    claimed(database)
    hand_over(database, KEY)
    assert kept(database).state == MessageState.SENDING
