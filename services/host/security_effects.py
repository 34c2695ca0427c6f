"""What follows from each kind of security event, for one account that the caller has locked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from domain.facts import Channel
from domain.host.events import EventOutcome
from domain.host.security_events import (
    TEXT_CREDENTIALS,
    SecurityEvent,
    SecurityEventKind,
    SetError,
    SetRefused,
)
from domain.host.words import Word
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from providers.contacts import phone_country, phone_time_zone
from providers.security_events import read_contact
from services.imports import told_fields
from services.people import host_imports
from store import Session
from store.journeys import sim_checks
from store.messages import notices
from store.people import contacts, journal, sessions
from store.people.accounts import Account
from store.people.told_accounts import ImportedAccount
from store.safety import disowning

RECYCLED = "recycled"
CHANGED = "changed"

_CREDENTIALS = frozenset(
    {"password", "pin", "x509", "fido2-platform", "fido2-roaming", "fido-u2f", "app"} | TEXT_CREDENTIALS
)
_CHANGES = frozenset({"create", "revoke", "update", "delete"})
_OTHER = "other"
_FIELDS = {Channel.EMAIL: ("email",), Channel.SMS: ("phone",)}


class SecurityEffect(Protocol):
    """Does what follows from an event for one account."""

    def __call__(
        self, session: Session, account: Account, event: SecurityEvent, *, now: datetime
    ) -> EventOutcome: ...


def change_credential(
    session: Session, account: Account, event: SecurityEvent, *, now: datetime
) -> EventOutcome:
    """Note that a credential at the host was changed. After one of text messages, the SIM is in doubt."""
    credential = _known(event.detail.get("credential_type"), _CREDENTIALS)
    change = _known(event.detail.get("change_type"), _CHANGES)
    if credential in TEXT_CREDENTIALS:
        sim_checks.doubt(session, account, changed_at=event.at)
    journal.append(
        session,
        account.account_id,
        EventKind.CREDENTIAL_CHANGED,
        at=now,
        actor=Actor.HOST,
        credential=credential,
        change=change,
    )
    return EventOutcome.HEEDED


def _known(word: Any, words: frozenset[str]) -> str:
    return word if isinstance(word, str) and word in words else _OTHER


def revoke_sessions(
    session: Session, account: Account, event: SecurityEvent, *, now: datetime
) -> EventOutcome:
    """End the sessions that had begun by then; one that began since is none of the event's business."""
    sessions.end_begun(session, account.account_id, by=event.at, at=now)
    kind = EventKind.SESSIONS_ENDED
    journal.append(session, account.account_id, kind, at=now, actor=Actor.HOST)
    return EventOutcome.HEEDED


def recycle_identifier(
    session: Session, account: Account, event: SecurityEvent, *, now: datetime
) -> EventOutcome:
    """End a contact that belongs to somebody else now, and the sessions that it may have opened."""
    channel, contact = _identifier(event)
    if channel is Channel.SMS:
        sessions.end_by_text(session, account.account_id, at=now)
    return _disown(session, account, channel, contact, reason=RECYCLED, now=now)


def change_identifier(
    session: Session, account: Account, event: SecurityEvent, *, now: datetime
) -> EventOutcome:
    """Put the new contact in the place of the one that was changed, as an import does; without one, end it.

    A contact that has taken the place of the named one meanwhile stays. Where several accounts have the named one,
    nobody can tell whose was changed.
    """
    channel, contact = _identifier(event)
    if channel in contacts.shared_channels(session, account):
        return EventOutcome.IGNORED
    present = contacts.present(session, account).get(channel)
    is_present = present is not None and contacts.is_same(present, contact)
    if present is None or not is_present:
        return EventOutcome.OVERTAKEN
    # A contact is as old as its taking here; one that an earlier word of the host has brought late is older.
    if present.trust.bound_at > event.said_at and not told_fields.is_news(
        session, account, _FIELDS[channel], _word(event)
    ):
        return EventOutcome.OVERTAKEN
    new_value = event.detail.get("new-value")
    if new_value is not None and not isinstance(new_value, str):
        raise SetRefused(SetError.INVALID_REQUEST, "new-value: it is no text")
    if new_value is None:
        return _disown(session, account, channel, contact, reason=CHANGED, now=now)
    _replace(session, account, channel, read_contact(channel, new_value), event, now=now)
    return EventOutcome.HEEDED


def _identifier(event: SecurityEvent) -> tuple[Channel, str]:
    channel, contact = event.subject.channel, event.subject.contact
    if channel is None or contact is None:
        raise ValueError("the subject of this event is a contact")
    return channel, contact


def _replace(
    session: Session,
    account: Account,
    channel: Channel,
    contact: str,
    event: SecurityEvent,
    *,
    now: datetime,
) -> None:
    fields: dict[str, Any] = {"phone": None, "email": contact}
    if channel is Channel.SMS:
        zone = phone_time_zone(contact)
        fields = {"phone": contact, "phone_country": phone_country(contact), "phone_zone": zone}
    host_imports.take(session, [ImportedAccount(external_id=account.external_id, **fields)], at=now)
    told_fields.heed(session, account.account_id, [_FIELDS[channel]], _word(event), now=now)


def _word(event: SecurityEvent) -> Word:
    return Word(at=event.said_at, event_id=event.token_id)


def _disown(
    session: Session, account: Account, channel: Channel, contact: str, *, reason: str, now: datetime
) -> EventOutcome:
    if not disowning.disown(session, account, channel, contact, at=now):
        return EventOutcome.HEEDED  # it was the account's before, and is told nothing any more
    kind, account_id = EventKind.CONTACT_DISOWNED, account.account_id
    version = journal.append(
        session, account_id, kind, at=now, actor=Actor.HOST, channel=channel, reason=reason
    )
    values = {"channel": channel.value}
    notices.tell(session, account, Template.CONTACT_DISOWNED, event=f"{version}", at=now, values=values)
    return EventOutcome.HEEDED


EFFECTS: Mapping[SecurityEventKind, SecurityEffect] = {
    SecurityEventKind.CREDENTIAL_CHANGE: change_credential,
    SecurityEventKind.SESSIONS_REVOKED: revoke_sessions,
    SecurityEventKind.IDENTIFIER_CHANGED: change_identifier,
    SecurityEventKind.IDENTIFIER_RECYCLED: recycle_identifier,
}
