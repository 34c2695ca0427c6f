"""Records what became of messages after their provider took them: reports come late, repeatedly, in any order."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.journal_details import FateDetail, WithheldDetail
from domain.messages.messages import NOT_ARRIVED, Fate, MessageState
from domain.safety.contact_keys import are_same
from store.messages import contact_faults, lost_codes, messages, text_counts
from store.messages.messages import Message
from store.people import accounts, journal

_KINDS = {
    Fate.DELIVERED: EventKind.MESSAGE_DELIVERED,
    Fate.WITHHELD: EventKind.MESSAGE_WITHHELD,
    Fate.BLOCKED: EventKind.MESSAGE_BLOCKED,
    Fate.BOUNCED: EventKind.MESSAGE_BOUNCED,
    Fate.UNDELIVERABLE: EventKind.MESSAGE_UNDELIVERABLE,
    Fate.UNSUBSCRIBED: EventKind.MESSAGE_UNSUBSCRIBED,
    Fate.SPAM_REPORTED: EventKind.MESSAGE_SPAM_REPORTED,
    Fate.STOPPED: EventKind.MESSAGE_UNSUBSCRIBED,
}


class Noted(StrEnum):
    """Whether a provider's report was news."""

    NEWS = "news"
    KNOWN = "known"
    NO_SUCH_MESSAGE = "no_such_message"


def note(session: Session, name: str, fate: Fate, *, reason: str, at: datetime) -> Noted:
    """Record what became of the message that its provider knows by a name.

    A fate that does not outrank the recorded fate changes nothing.
    """
    message = messages.lock_sent(session, name)
    if message is None:
        return Noted.NO_SUCH_MESSAGE
    if not fate.outranks(Fate(message.fate) if message.fate else None):
        return Noted.KNOWN
    was_missed = message.is_missed
    message.fate, message.fate_at = fate, at
    if message.state == MessageState.UNKNOWN:  # the provider has taken the message after all
        message.state = MessageState.SENT
    session.add(message)
    session.flush()
    if message.account_id:
        _append(session, message, message.account_id, fate, reason=reason, at=at)
        _judge_contact(session, message, message.account_id, fate, reason=reason, at=at)
    messages.follow(session, message, was_missed=was_missed, at=at)
    if fate in NOT_ARRIVED:
        lost_codes.follow(session, message, fate, at=at)
    return Noted.NEWS


def _append(
    session: Session, message: Message, account_id: str, fate: Fate, *, reason: str, at: datetime
) -> None:
    detail = _detail(session, message, fate, reason=reason)
    journal.append(session, account_id, _KINDS[fate], detail, at=at, actor=Actor.SYSTEM)


def _detail(session: Session, message: Message, fate: Fate, *, reason: str) -> FateDetail:
    key, template, channel = message.key, message.template, Channel(message.channel)
    if fate is not Fate.WITHHELD:
        return FateDetail(key=key, template=template, channel=channel, reason=reason)
    is_text = channel is Channel.SMS
    country = text_counts.limits(session).country_of(message.recipient) if is_text else ""
    return WithheldDetail(key=key, template=template, channel=channel, reason=reason, country=country)


def _judge_contact(
    session: Session, message: Message, account_id: str, fate: Fate, *, reason: str, at: datetime
) -> None:
    """Note that a contact works; or its fault, if the account still has it and nothing has arrived there since."""
    channel, contact = Channel(message.channel), message.recipient
    if fate is Fate.DELIVERED:
        sent_at = message.claimed_at or message.created_at
        contact_arrives(session, account_id, channel, contact=contact, at=at, sent_at=sent_at)
        return
    if not are_same(contact_faults.contacts(accounts.get(session, account_id)).get(channel), contact):
        return
    if fate in NOT_ARRIVED and messages.arrived_after(session, message, at=at):
        return
    is_new = contact_faults.note(
        session, account_id, channel, contact=contact, fate=fate, reason=reason, at=at
    )
    if is_new and fate is Fate.STOPPED and channel is Channel.SMS:
        journal.append(session, account_id, EventKind.TEXTS_STOPPED, at=at, actor=Actor.PERSON)


def note_wanted_again(session: Session, name: str, *, reason: str, at: datetime) -> Noted:
    """Record that the person, at the provider's own page, has asked for the reminders again that they ended there.

    What the provider tells late of an earlier wish no longer counts. A spam report stays.
    """
    message = messages.lock_sent(session, name)
    if message is None or message.account_id is None:
        return Noted.NO_SUCH_MESSAGE
    was_missed = message.is_missed
    if Fate.UNSUBSCRIBED.outranks(Fate(message.fate) if message.fate else None):
        message.fate, message.fate_at = Fate.UNSUBSCRIBED, at
        session.add(message)
        session.flush()
    messages.follow(session, message, was_missed=was_missed, at=at)
    channel, contact = Channel(message.channel), message.recipient
    if not contact_faults.take_back(session, message.account_id, channel, contact=contact, at=at):
        return Noted.KNOWN
    kind = EventKind.CONTACT_WORKS_AGAIN
    journal.append(session, message.account_id, kind, at=at, actor=Actor.PERSON, channel=channel, by=reason)
    return Noted.NEWS


def contact_arrives(
    session: Session,
    account_id: str,
    channel: Channel,
    *,
    contact: str,
    at: datetime,
    sent_at: datetime | None = None,
) -> None:
    """Note that a message, sent at `sent_at`, has arrived: if the contact counted as broken, it works again."""
    if contact_faults.clear(session, account_id, channel, contact=contact, at=at, sent_at=sent_at):
        kind = EventKind.CONTACT_WORKS_AGAIN
        journal.append(session, account_id, kind, at=at, actor=Actor.SYSTEM, channel=channel)
