"""How far the relay runs ahead of those who send."""

from datetime import timedelta

import pytest

from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from offramp.relay.pacing import BATCH, LEAST_AHEAD, UNLIMITED_AHEAD, Pace, next_waited_for
from store import Database
from store.messages import hand_overs, inserts, messages
from store.messages.messages import NewMessage
from tests.clocks import START
from tests.factories import make_account


@pytest.fixture
def account_id(database: Database) -> str:
    with database.transaction() as session:
        return make_account(session).account_id


@pytest.fixture
def backlog(database: Database, account_id: str) -> Database:
    """A campaign by e-mail."""
    queue(database, account_id, Purpose.NUDGE, 2 * UNLIMITED_AHEAD)
    return database


def queue(database: Database, account_id: str, purpose: Purpose, count: int) -> None:
    with database.transaction() as session:
        for number in range(count):
            new = NewMessage(
                key=f"{purpose}:{number}",
                account_id=account_id,
                purpose=purpose,
                template=Template.NUDGE_EMAIL_VERIFIED,
                channel=Channel.EMAIL,
                recipient="ada@example.org",
                locale="en",
            )
            inserts.insert_row(session, new, at=START)  # no one person gets so many


def hand_over(database: Database, *, per_second: float) -> list[str]:
    """Hand over what a pace asks for; returns the keys."""
    pace = Pace(per_second={Channel.EMAIL: per_second, Channel.SMS: 0.0})
    with database.transaction() as session:
        keys = [message.key for message in pace.next_nudges(session, START + timedelta(minutes=1))]
        hand_overs.mark_handed(session, keys, at=START)
    return keys


def begin_sending(database: Database, keys: list[str]) -> None:
    with database.transaction() as session:
        for key in keys:
            messages.claim(session, key, now=START)


@pytest.mark.parametrize(
    ("per_second", "ahead"), [(0.0, UNLIMITED_AHEAD), (0.5, LEAST_AHEAD), (8.0, 40), (1000.0, BATCH)]
)
def test_temporal_gets_the_nudges_of_the_next_seconds(
    backlog: Database, per_second: float, ahead: int
) -> None:
    assert len(hand_over(backlog, per_second=per_second)) == ahead


def test_more_follow_when_half_of_them_are_being_sent(backlog: Database) -> None:
    handed = hand_over(backlog, per_second=8.0)
    begin_sending(backlog, handed[:19])
    assert hand_over(backlog, per_second=8.0) == []
    begin_sending(backlog, handed[19:20])
    assert len(hand_over(backlog, per_second=8.0)) == 20


def test_what_people_wait_for_goes_at_once(backlog: Database, account_id: str) -> None:
    queue(backlog, account_id, Purpose.CODE, 3)
    hand_over(backlog, per_second=1.0)
    with backlog.reading() as session:
        batch = next_waited_for(session, START + timedelta(minutes=1))
    assert [message.purpose for message in batch] == [Purpose.CODE] * 3
