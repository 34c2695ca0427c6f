"""Tells the owner of a change that waits, so that an older passkey or an objection can stop it."""

from datetime import datetime

from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.notices import whole_days
from domain.trust import Change
from services.people.bearers import Door
from store import Session
from store.messages import notices
from store.people import journal


def tell(session: Session, door: Door, change: Change, *, until: datetime) -> None:
    """Write the waiting change into the journal, and tell all contacts."""
    account, now = door.account, door.now
    kind = EventKind.CHANGE_WAITS
    version = journal.append(session, account.account_id, kind, at=now, actor=Actor.PERSON, change=change)
    values = {"change": change, "days": whole_days(until - now)}
    event = f"{change}-{version}"
    notices.tell(session, account, Template.CHANGE_WAITS, event=event, at=now, values=values, by=door.bearer)
