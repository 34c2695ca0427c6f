"""What becomes of the messages that a restored backup has waiting."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import Channel
from domain.messages.messages import Fate, MessageState, Purpose, Template
from store import Database
from store.engine import epochs
from store.messages import fates, hand_overs, messages, restored
from store.messages.fates import Noted
from store.messages.messages import ClaimOutcome, NewMessage
from tests.clocks import START

HOUR = timedelta(hours=1)


@pytest.fixture
def one_of_each(database: Database, new: NewMessage) -> dict[str, str]:
    """The keys of a code, a notice and two reminders that wait, of which one waits for the morning."""
    nudge = replace(new, purpose=Purpose.NUDGE, template=Template.NUDGE_EMAIL_VERIFIED, channel=Channel.EMAIL)
    notice = replace(new, purpose=Purpose.NOTICE, template=Template.PASSKEY_BOUND, channel=Channel.EMAIL)
    kinds = {
        "code": new,
        "notice": replace(notice, key="notice"),
        "nudge": replace(nudge, key="nudge"),
        "nightly": replace(nudge, key="nightly"),
    }
    with database.transaction() as session:
        for message in kinds.values():
            messages.add(session, message, at=START)
        _, nightly = messages.claim(session, "nightly", now=START)
        assert nightly
        messages.release(session, nightly, until=START + 9 * HOUR, waits_for="quiet_hours")
        hand_overs.mark_handed(session, [new.key, "notice", "nudge"], at=START)
    return {name: message.key for name, message in kinds.items()}


def restore(database: Database) -> None:
    with database.transaction() as session:
        restored.give_up(session, now=START + HOUR)
        restored.say_again(session, now=START + HOUR)
        epochs.renew(session, by="ada", at=START + HOUR)


def state(database: Database, key: str) -> tuple[str, str | None]:
    with database.reading() as session:
        message = messages.find(session, key)
    assert message
    return message.state, message.reason


def test_a_notice_is_said_again_and_everything_else_that_may_have_gone_is_unknown(
    database: Database, one_of_each: dict[str, str]
) -> None:
    with database.reading() as session:
        counts = [
            count(session, now=START + HOUR) for count in (restored.count_said_again, restored.count_given_up)
        ]
    restore(database)
    assert counts == [1, 2]
    assert state(database, one_of_each["notice"]) == (MessageState.QUEUED, None)
    assert state(database, one_of_each["code"]) == (MessageState.UNKNOWN, restored.RESTORED)
    assert state(database, one_of_each["nudge"]) == (MessageState.UNKNOWN, restored.RESTORED)


def test_what_waits_for_a_moment_that_has_not_come_cannot_have_gone(
    database: Database, one_of_each: dict[str, str]
) -> None:
    restore(database)
    assert state(database, one_of_each["nightly"]) == (MessageState.QUEUED, None)


def test_what_a_sender_had_claimed_is_unknown_whatever_its_purpose(
    database: Database, one_of_each: dict[str, str]
) -> None:
    with database.transaction() as session:
        assert messages.claim(session, "notice", now=START)[0] is ClaimOutcome.GRANTED
    restore(database)
    assert state(database, "notice") == (MessageState.UNKNOWN, restored.RESTORED)


def test_what_a_provider_tells_of_the_lost_time_is_no_news_of_the_message_that_has_the_key_now(
    database: Database, one_of_each: dict[str, str]
) -> None:
    restore(database)
    with database.transaction() as session:
        _, message = messages.claim(session, "notice", now=START + HOUR)
        assert message
        messages.settle(session, message, MessageState.SENT, at=START + HOUR)
        late, own = (
            fates.note(session, name, Fate.BOUNCED, reason="bounced", at=START + HOUR)
            for name in ("notice", message.sent_as)
        )
    assert (late, own) == (Noted.NO_SUCH_MESSAGE, Noted.NEWS)


def test_a_report_settles_what_was_unknown(database: Database, one_of_each: dict[str, str]) -> None:
    restore(database)
    with database.transaction() as session:
        fates.note(session, one_of_each["nudge"], Fate.DELIVERED, reason="delivered", at=START + HOUR)
    assert state(database, one_of_each["nudge"])[0] == MessageState.SENT


def test_more_than_one_transaction_holds_is_given_up_at_once(
    database: Database, new: NewMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restored, "_GIVEN_UP_AT_ONCE", 2)
    keys = [f"code {number}" for number in range(5)]
    with database.transaction() as session:
        for key in keys:
            messages.add(session, replace(new, key=key), at=START)
        hand_overs.mark_handed(session, keys, at=START)
    restore(database)
    assert {state(database, key) for key in keys} == {(MessageState.UNKNOWN, restored.RESTORED)}
