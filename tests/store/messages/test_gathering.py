"""Notices beyond the budget go out in one message, and what becomes of that message becomes of each of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest

from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.messages.budgets import BUDGETS, DAY, PACES
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.messages.text_limits import TextLimits
from store import Database
from store.journeys import facts, sms
from store.messages import fates, gathering, hand_overs, messages, notices, text_counts
from store.messages.messages import ClaimOutcome, Message
from store.people import accounts, contact_changes, journal
from tests.clocks import START
from tests.factories import make_policy, make_ready_account, vouched
from tests.store.racing import at_once

TEXTS, LETTERS = (BUDGETS[Purpose.NOTICE, channel].contact for channel in (Channel.SMS, Channel.EMAIL))
SECOND = timedelta(seconds=1)
_events = count()


@pytest.fixture
def ready_id(database: Database) -> str:
    """An account with an e-mail address and a phone."""
    with database.transaction() as session:
        return make_ready_account(session, time_zone="Europe/Berlin").account_id


def tell(database: Database, account_id: str, times: int, *, at: datetime = START) -> None:
    """Tell the owner of as many changes, one after the other."""
    for _ in range(times):
        with database.transaction() as session:
            account = accounts.get(session, account_id)
            event = f"event-{next(_events):05d}"
            notices.tell(session, account, Template.RECOVERY_CODES_MADE, event=event, at=at)


def said(database: Database, account_id: str, channel: Channel) -> Sequence[Message]:
    with database.reading() as session:
        everything = messages.of_account(session, account_id, limit=1000)
    return [message for message in reversed(everything) if message.channel == channel]


def gathered(database: Database, account_id: str, channel: Channel) -> list[Message]:
    return [m for m in said(database, account_id, channel) if m.template == Template.SEVERAL_CHANGES]


def parts_of(database: Database, key: str) -> Sequence[Message]:
    with database.reading() as session:
        return gathering.parts(session, key)


def send(database: Database, key: str, state: MessageState = MessageState.SENT) -> None:
    with database.transaction() as session:
        claim, message = messages.claim(session, key, now=START + DAY / 24)
        assert claim is ClaimOutcome.GRANTED
        assert message
        messages.settle(session, message, state, at=START + DAY / 24, reason="a reason")


def spend(database: Database, account_id: str) -> None:
    """Use up what the account's contacts may be told one by one."""
    tell(database, account_id, LETTERS)


@pytest.mark.parametrize(("channel", "most"), [(Channel.SMS, TEXTS), (Channel.EMAIL, LETTERS)])
def test_a_hundred_and_fifty_changes_are_told_in_a_few_messages_and_none_is_dropped(
    database: Database, ready_id: str, channel: Channel, most: int
) -> None:
    tell(database, ready_id, 150)
    states = Counter(message.state for message in said(database, ready_id, channel))
    assert states == {MessageState.QUEUED: most + 1, MessageState.GATHERED: 150 - most}
    (message,) = gathered(database, ready_id, channel)
    assert (message.not_before, message.waits_for) == (START + PACES[channel].first, "gathering")
    assert message.values == {"time_zone": "Europe/Berlin"}
    assert len(parts_of(database, message.key)) == 150 - most


def test_a_gathered_message_is_handed_over_when_its_time_has_come(database: Database, ready_id: str) -> None:
    spend(database, ready_id)
    tell(database, ready_id, 2)
    with database.reading() as session:
        now, later = START + SECOND, START + PACES[Channel.EMAIL].first
        waiting = [hand_overs.waited_for(session, now=at, limit=1000) for at in (now, later)]
    templates = [{(m.template, m.channel) for m in messages} for messages in waiting]
    assert (Template.SEVERAL_CHANGES, Channel.EMAIL) not in templates[0]
    assert (Template.SEVERAL_CHANGES, Channel.EMAIL) in templates[1]
    assert not any(m.state == MessageState.GATHERED for messages in waiting for m in messages)


def test_what_comes_after_it_was_claimed_is_gathered_anew_and_for_longer(
    database: Database, ready_id: str
) -> None:
    spend(database, ready_id)
    tell(database, ready_id, 2)
    send(database, gathered(database, ready_id, Channel.EMAIL)[0].key)
    tell(database, ready_id, 3, at=START + DAY / 24)
    first, second = gathered(database, ready_id, Channel.EMAIL)
    assert [len(parts_of(database, message.key)) for message in (first, second)] == [2, 3]
    assert second.not_before == START + DAY / 24 + 2 * PACES[Channel.EMAIL].first


def test_on_the_next_day_notices_go_out_one_by_one_again(database: Database, ready_id: str) -> None:
    spend(database, ready_id)
    tell(database, ready_id, 1, at=START + DAY)
    assert gathered(database, ready_id, Channel.EMAIL) == []


def test_each_contact_has_its_own_gathered_message(database: Database, ready_id: str) -> None:
    spend(database, ready_id)
    with database.transaction() as session:
        account = accounts.get(session, ready_id)
        former = account.email
        contact_changes.put(
            session, account, Channel.EMAIL, "new@example.org", vouched(), origin=Actor.PERSON, bound_in="a"
        )
        account.email = "new@example.org"
        notices.tell(session, account, Template.EMAIL_CHANGED, event="1", at=START)
    by_contact = {message.recipient for message in gathered(database, ready_id, Channel.EMAIL)}
    assert by_contact == {former}
    letters = said(database, ready_id, Channel.EMAIL)
    assert [m.state for m in letters if m.recipient == "new@example.org"] == [MessageState.QUEUED]


def test_whoever_tells_at_the_same_moment_tells_in_one_message(database: Database, ready_id: str) -> None:
    spend(database, ready_id)
    at_once(lambda: tell(database, ready_id, 2))
    for channel in Channel:
        (message,) = gathered(database, ready_id, channel)
        more = LETTERS - TEXTS if channel is Channel.SMS else 0
        assert len(parts_of(database, message.key)) == 16 + more


def test_whoever_tells_first_and_whoever_locks_first_do_not_wait_for_each_other(
    database: Database, ready_id: str
) -> None:
    orders = count()

    def change() -> bool:
        tells_first = next(orders) % 2
        with database.transaction() as session:
            account = accounts.get(session, ready_id) if tells_first else accounts.lock(session, ready_id)
            event = f"race-{next(_events)}"
            if tells_first:
                notices.tell(session, account, Template.RECOVERY_CODES_MADE, event=event, at=START)
            kind = EventKind.RECOVERY_CODES_MADE
            journal.append(session, ready_id, kind, at=START, actor=Actor.PERSON)
            notices.tell(session, account, Template.EMAIL_CHANGED, event=event, at=START)
        return True

    assert at_once(change) == [True] * 8


def give_notice(database: Database, account_id: str) -> None:
    """Spend the budget, and then announce the end of SMS, which is gathered at both contacts."""
    spend(database, account_id)
    with database.transaction() as session:
        sms.give_notice(session, account_id, make_policy(), at=START)


def fate_of_notice(database: Database, account_id: str) -> tuple[datetime | None, bool]:
    with database.reading() as session:
        account_facts = facts.read(session, account_id)
    assert account_facts.sms is SmsState.NOTICE
    return account_facts.noticed_at, account_facts.notice_missed


def test_a_gathered_notice_of_the_end_begins_its_days_when_it_goes_out(
    database: Database, ready_id: str
) -> None:
    give_notice(database, ready_id)
    assert fate_of_notice(database, ready_id) == (None, False)
    send(database, gathered(database, ready_id, Channel.EMAIL)[0].key)
    assert fate_of_notice(database, ready_id) == (START + DAY / 24, False)


def test_a_gathered_notice_that_is_lost_by_every_channel_has_reached_nobody(
    database: Database, ready_id: str
) -> None:
    give_notice(database, ready_id)
    for channel in Channel:
        send(database, gathered(database, ready_id, channel)[0].key, MessageState.FAILED)
    assert fate_of_notice(database, ready_id) == (None, True)
    with database.reading() as session:
        kinds = Counter(entry.kind for entry in journal.of_account(session, ready_id))
    assert kinds[EventKind.NOTICE_MISSED] == 1


def test_a_gathered_notice_that_comes_back_has_reached_nobody(database: Database, ready_id: str) -> None:
    give_notice(database, ready_id)
    for channel in Channel:
        key = gathered(database, ready_id, channel)[0].key
        send(database, key)
        with database.transaction() as session:
            fates.note(session, key, Fate.BOUNCED, reason="bounced", at=START + DAY)
        assert {part.fate for part in parts_of(database, key)} == {Fate.BOUNCED}
    assert fate_of_notice(database, ready_id) == (None, True)


def test_what_is_unknown_and_then_turns_out_to_have_arrived_has_arrived(
    database: Database, ready_id: str
) -> None:
    give_notice(database, ready_id)
    key = gathered(database, ready_id, Channel.EMAIL)[0].key
    send(database, key, MessageState.UNKNOWN)
    assert {part.state for part in parts_of(database, key)} == {MessageState.UNKNOWN}
    with database.transaction() as session:
        fates.note(session, key, Fate.DELIVERED, reason="delivered", at=START + DAY)
    assert {part.state for part in parts_of(database, key)} == {MessageState.GATHERED}
    assert fate_of_notice(database, ready_id)[1] is False


def test_a_text_beyond_the_ceiling_waits_for_the_next_day_and_the_e_mail_goes_at_once(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, ready_id_on_sqlite: str
) -> None:
    monkeypatch.setitem(sqlite_database.notes, text_counts.LIMITS, TextLimits(per_day=1))
    tell(sqlite_database, ready_id_on_sqlite, 2)
    (text,) = gathered(sqlite_database, ready_id_on_sqlite, Channel.SMS)
    midnight = datetime.combine(START.date() + timedelta(days=1), datetime.min.time(), START.tzinfo)
    assert text.not_before == midnight
    assert [m.state for m in said(sqlite_database, ready_id_on_sqlite, Channel.EMAIL)] == ["queued"] * 2


@pytest.fixture
def ready_id_on_sqlite(sqlite_database: Database) -> str:
    with sqlite_database.transaction() as session:
        return make_ready_account(session).account_id
