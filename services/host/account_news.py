"""Heeds what hosts tell of accounts themselves, and of their owners' calls for help."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.host.words import BadEvent, Word
from domain.journal import Actor, EventKind
from domain.journal_details import CaseDetail
from services.host import accounts as host_accounts
from services.host import deletions
from services.host.accounts import ContactStays
from services.imports import told_fields
from services.imports.account_records import BadRow
from services.imports.told_fields import Path
from store import Session
from store.people import accounts, journal
from store.people.accounts import Account
from store.people.told_accounts import texted_countries

_WITHOUT_TOPIC = "told_by_host"
_TICKETS = {
    HostEventKind.TICKET_OPENED: EventKind.TICKET_OPENED,
    HostEventKind.TICKET_CLOSED: EventKind.TICKET_CLOSED,
}


def take_update(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Change an account by the fields of a PATCH, each of them where nothing newer is known of it.

    A number or an address is taken as in an import: as a new binding, told to all contacts of the last 30 days.
    Raises BadEvent for what a PATCH would refuse.
    """
    word = Word(at=event.at, event_id=event.event_id)
    parts = dict(told_fields.parts(account, event.data))
    news = {path: value for path, value in parts.items() if told_fields.is_news(session, account, path, word)}
    if not news:
        return EventOutcome.OVERTAKEN if event.data else EventOutcome.HEEDED
    try:
        countries = texted_countries(session)
        host_accounts.change(session, account, _patch(news), countries=countries, at=now)
    except (BadRow, ContactStays) as refusal:
        raise BadEvent(str(refusal)) from None
    told_fields.heed(session, account.account_id, news, word, now=now)
    accounts.lock(session, account.account_id)  # the next event reads the row as it is now
    return EventOutcome.HEEDED


def take_deletion(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Delete an account, unless it was brought here after that: then the host has another one under the same id."""
    if event.at <= account.created_at:
        return EventOutcome.OVERTAKEN
    deletions.delete(session, account, at=now)
    return EventOutcome.HEEDED


def take_contact(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Note that a person has asked the host's support for help; guardrails count it, and the case shows it."""
    detail = CaseDetail(reason=event.data.get("topic", _WITHOUT_TOPIC))
    kind, account_id = EventKind.SUPPORT_CASE, account.account_id
    journal.append(session, account_id, kind, detail, at=event.at, actor=Actor.HOST)
    return EventOutcome.HEEDED


def take_ticket(session: Session, account: Account, event: HostEvent, *, now: datetime) -> EventOutcome:
    """Note that the host's support has opened or closed a ticket; the case names it. Of its address nothing is kept."""
    kind, ticket_id = _TICKETS[event.kind], event.data["ticket_id"]
    journal.append(session, account.account_id, kind, at=event.at, actor=Actor.HOST, ticket_id=ticket_id)
    return EventOutcome.HEEDED


def _patch(news: Mapping[Path, Any]) -> dict[str, Any]:
    """The merge patch of all that is news. A whole that goes takes only those of its parts along that are named."""
    patch: dict[str, Any] = {}
    for (name, *part), value in news.items():
        if part:
            patch.setdefault(name, {})[part[0]] = value
        elif name in told_fields.HAVE_PARTS:
            patch.setdefault(name, {})
        else:
            patch[name] = value
    return patch
