"""Lanes: whether messages move in them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.facts import Channel
from domain.messages.messages import Purpose, Queue, Template
from store import Database
from store.messages import hand_overs, lanes, messages
from store.messages.lanes import HANDED_LATE, STILL_AFTER, Lane
from store.messages.messages import NewMessage
from tests.clocks import START

SECOND = timedelta(seconds=1)


@pytest.fixture
def nudge(new: NewMessage) -> NewMessage:
    return replace(new, purpose=Purpose.NUDGE, template=Template.NUDGE_EMAIL_VERIFIED, channel=Channel.EMAIL)


def lane(database: Database, *, now: datetime, queue: Queue = Queue.BULK_EMAIL) -> Lane:
    with database.reading() as session:
        [found] = [found for found in lanes.look(session, now=now) if found.queue is queue]
    return found


def add(database: Database, *new: NewMessage, handed: bool, at: datetime = START) -> None:
    with database.transaction() as session:
        for message in new:
            messages.add(session, message, at=at)
        if handed:
            hand_overs.mark_handed(session, [message.key for message in new], at=at)


def test_a_lane_full_of_what_nobody_takes_is_late_and_stands_still(
    database: Database, nudge: NewMessage
) -> None:
    add(database, nudge, handed=True)
    add(database, replace(nudge, key="behind"), handed=False, at=START + SECOND)
    now = START + STILL_AFTER + 2 * SECOND
    found = lane(database, now=now)
    assert (found.handed, found.due, found.is_late(now), found.stands_still(now)) == (1, 1, True, True)


def test_a_lane_moves_while_messages_are_handed_over_however_long_others_wait(
    database: Database, nudge: NewMessage
) -> None:
    add(database, nudge, handed=False)
    now = START + 2 * STILL_AFTER
    add(database, replace(nudge, key="handed"), handed=True, at=now - SECOND)
    found = lane(database, now=now)
    assert (found.is_late(now), found.stands_still(now)) == (False, False)


def test_a_lane_moves_while_senders_are_at_work(database: Database, nudge: NewMessage) -> None:
    add(database, nudge, handed=False)
    now = START + 2 * STILL_AFTER
    add(database, replace(nudge, key="claimed"), handed=True)
    with database.transaction() as session:
        messages.claim(session, "claimed", now=now - SECOND)
    assert not lane(database, now=now).stands_still(now)


def test_a_lane_in_which_nothing_is_due_does_not_stand_still(database: Database, nudge: NewMessage) -> None:
    add(database, nudge, handed=True)
    now = START + HANDED_LATE
    found = lane(database, now=now)
    assert (found.still_since(), found.is_late(now), found.is_late(now + SECOND)) == (None, False, True)


def test_each_queue_is_a_lane_of_its_own(database: Database, new: NewMessage, nudge: NewMessage) -> None:
    add(database, new, replace(nudge, key="nudge"), handed=True)
    counts = {queue: lane(database, now=START, queue=queue).handed for queue in lanes.LANES}
    assert counts == {Queue.NOW: 1, Queue.BULK_EMAIL: 1, Queue.BULK_SMS: 0}
