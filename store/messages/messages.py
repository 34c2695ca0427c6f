"""Messages: each begins as a row with a unique key. Its sender claims the row, so it is handed over only once."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select, update

from domain.counting import milliseconds
from domain.errors import BudgetSpent
from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.journal_details import MessageDetail
from domain.messages.messages import SEND_TIMEOUT, Fate, MessageState, Purpose, Template
from domain.messages.sent_names import read_name
from store.engine import epochs
from store.messages import budgets, establishing, gathering, inserts
from store.messages.message_rows import Message as Message
from store.messages.message_rows import NewMessage as NewMessage
from store.people import journal
from store.people.accounts import Account


class ClaimOutcome(StrEnum):
    """What became of an attempt to claim a message for sending."""

    GRANTED = "granted"
    SETTLED = "settled"
    TAKEN = "taken"
    LOST = "lost"


_SETTLED = (MessageState.SENT, MessageState.FAILED, MessageState.SKIPPED)

_OUTCOME_KIND = {
    MessageState.SENT: EventKind.MESSAGE_SENT,
    MessageState.FAILED: EventKind.MESSAGE_FAILED,
    MessageState.SKIPPED: EventKind.MESSAGE_SKIPPED,
    MessageState.UNKNOWN: EventKind.MESSAGE_UNKNOWN,
}


def add(session: Session, message: NewMessage, *, at: datetime) -> bool:
    """Queue a message; False if a message with this key exists already.

    Every message becomes a row here, so no caller bypasses the budgets. Beyond them, a notice waits for the next
    gathered message to its contact, and a code or a reminder is refused: raises BudgetSpent.
    """
    if message.account_id is None:  # to staff: nobody outside can cause it
        return inserts.insert_row(session, message, at=at)
    if find(session, message.key):
        return False
    contact, channel = message.recipient, message.channel
    until = budgets.full_until(session, message.account_id, contact, message.purpose, channel, at=at)
    if until is None:
        return inserts.insert_row(session, message, at=at)
    if message.purpose is not Purpose.NOTICE:
        raise BudgetSpent(at=at, until=until)
    return gathering.hold(session, message, at=at)


def find(session: Session, key: str) -> Message | None:
    """The message of a key."""
    return session.get(Message, key)


def by_short_code(session: Session, code: str) -> Message | None:
    """The notice of a short code, which was in a text message."""
    return session.exec(select(Message).where(Message.short_code == code)).first() if code else None


def of_account(session: Session, account_id: str, *, limit: int = 50) -> Sequence[Message]:
    """An account's latest messages, newest first."""
    query = select(Message).where(Message.account_id == account_id)
    return session.exec(query.order_by(col(Message.created_at).desc()).limit(limit)).all()


def claim(session: Session, key: str, *, now: datetime) -> tuple[ClaimOutcome, Message | None]:
    """Claim a message for one sender.

    GRANTED: the caller sends it. SETTLED: nothing is left to do. TAKEN: another sender is sending it right now.
    LOST: a sender died while sending it; it is now `unknown`, and will not be sent.
    """
    message = lock(session, key)
    if message is None or message.state not in (
        MessageState.QUEUED,
        MessageState.HANDED,
        MessageState.SENDING,
    ):
        return ClaimOutcome.SETTLED, message
    if message.state != MessageState.SENDING:
        message.state, message.claimed_at = MessageState.SENDING, now
        message.not_before = message.waits_for = None
        message.epoch = epochs.current(session)
        session.add(message)
        session.flush()
        return ClaimOutcome.GRANTED, message
    if message.claimed_at and message.claimed_at + SEND_TIMEOUT > now:
        return ClaimOutcome.TAKEN, message
    settle(session, message, MessageState.UNKNOWN, at=now, reason="sender_lost")
    return ClaimOutcome.LOST, message


def release(
    session: Session, message: Message, *, until: datetime | None = None, waits_for: str | None = None
) -> None:
    """Give a claim back: the provider has certainly not taken the message. It waits again, perhaps `until` a time."""
    current = lock(session, message.key)
    if current and current.state == MessageState.SENDING and current.claimed_at == message.claimed_at:
        current.state, current.handed_at, current.handed_again_at = MessageState.QUEUED, None, None
        current.not_before, current.waits_for = until, waits_for
        session.add(current)
        session.flush()


def settle(
    session: Session,
    message: Message,
    state: MessageState,
    *,
    at: datetime,
    reason: str | None = None,
    provider_id: str | None = None,
) -> None:
    """Record what became of a message, and forget the secret in it.

    `message` is the row as its sender claimed it. Nothing changes if another sender has claimed or settled the message
    since; but an `unknown` message may still be settled. A message whose provider has reported a fate counts as `sent`,
    not as `unknown`.
    """
    current = lock(session, message.key)
    if current and current.fate and state is MessageState.UNKNOWN:
        state, reason = MessageState.SENT, None
    if current is None or current.claimed_at != message.claimed_at or current.state in (*_SETTLED, state):
        return
    was_missed = current.is_missed
    current.state, current.settled_at, current.reason = state, at, reason
    current.provider_id = provider_id
    _forget_secrets(session, current)
    session.add(current)
    session.flush()
    if current.account_id is None:
        return
    _append_settled(session, current, current.account_id, state, reason=reason, at=at)
    follow(session, current, was_missed=was_missed, at=at)


def _forget_secrets(session: Session, message: Message) -> None:
    """Forget the code or link in a message, and its phone number if the account no longer has a phone.

    What was under way when its person was forgotten is not kept by the provider's name of it either.
    """
    message.sealed = None
    account = session.get(Account, message.account_id) if message.account_id else None
    if message.channel == Channel.SMS and account and account.phone is None:
        message.recipient = message.recipient_key = ""
    if account and account.deleted_at:
        message.provider_id = None


def _append_settled(
    session: Session,
    message: Message,
    account_id: str,
    state: MessageState,
    *,
    reason: str | None,
    at: datetime,
) -> None:
    detail = MessageDetail(
        key=message.key,
        template=message.template,
        channel=message.channel,
        purpose=message.purpose,
        reason=reason,
        milliseconds=milliseconds(since=message.created_at, until=at),
    )
    journal.append(session, account_id, _OUTCOME_KIND[state], detail, at=at, actor=Actor.SYSTEM)


def follow(session: Session, message: Message, *, was_missed: bool, at: datetime) -> None:
    """Do what follows from a message's new state or fate; `was_missed` is what it was before."""
    newly_missed = gathering.pass_on(session, message)
    for notice in (message, *gathering.parts(session, message.key)):
        establishing.follow(session, notice, at=at)
    if message.is_missed and not was_missed:
        newly_missed.append(message)
    for missed in [missed for missed in newly_missed if missed.template == Template.SMS_NOTICE][:1]:
        _tell_if_notice_missed(session, missed, at=at)


def _tell_if_notice_missed(session: Session, message: Message, *, at: datetime) -> None:
    """Write to the journal when the notice of the end of SMS has arrived by no channel: its days must not run.

    `message` is the message that has just turned out to be missed, so the entry is written once.
    """
    account = session.get(Account, message.account_id) if message.account_id else None
    if message.template != Template.SMS_NOTICE or account is None or account.sms != SmsState.NOTICE:
        return
    query = select(Message).where(
        col(Message.account_id) == account.account_id,
        col(Message.template) == Template.SMS_NOTICE,
        col(Message.created_at) >= account.sms_since,
    )
    sent_notices = session.exec(query).all()
    if message in sent_notices and all(notice.is_missed for notice in sent_notices):
        kind = EventKind.NOTICE_MISSED
        journal.append(session, account.account_id, kind, at=at, actor=Actor.SYSTEM)


def forget_phone(session: Session, account_id: str) -> None:
    """Forget the phone number in an account's settled text messages; messages under way still need it."""
    texts = update(Message).where(
        col(Message.account_id) == account_id,
        col(Message.channel) == Channel.SMS,
        col(Message.settled_at).is_not(None),
    )
    session.execute(texts.values(recipient="", recipient_key=""))


def arrived_after(session: Session, message: Message, *, at: datetime) -> bool:
    """Whether another message of the account arrived at the same contact after `at`."""
    query = select(Message.key).where(
        col(Message.account_id) == message.account_id,
        col(Message.channel) == message.channel,
        col(Message.recipient_key) == message.recipient_key,
        col(Message.fate) == Fate.DELIVERED,
        col(Message.fate_at) > at,
    )
    return session.exec(query.limit(1)).first() is not None


def lock(session: Session, key: str) -> Message | None:
    """The message as it is now, its row locked until the transaction ends; None if there is none of this key."""
    return session.get(Message, key, with_for_update=True, populate_existing=True)


def lock_sent(session: Session, name: str) -> Message | None:
    """The message that its provider knows by a name, locked; None if there is none, or another one has its key now."""
    key, epoch = read_name(name)
    message = lock(session, key)
    return message if message and message.epoch == epoch else None
