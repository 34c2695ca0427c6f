"""Forgets a person whose account was deleted or erased: what the row and everything around it say, and every way in.

The row itself stays, with ids and `deleted_at`, because the journal refers to it; so do passkeys, recovery codes and
apps, removed and void, for NIST SP 800-63B-4, 4.1 asks for a record of every authenticator ever bound.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, update

from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.journal_details import DetailValue
from store.people import journal, links, sessions
from store.people.accounts import Account
from store.people.authenticator_apps import AuthenticatorApp
from store.people.contacts import ContactRecord
from store.people.door_notes import DoorNote
from store.people.failed_ceremonies import FailedCeremony
from store.people.host_routes import HostRouteEvent
from store.people.known_browsers import KnownBrowser
from store.people.links import Link
from store.people.one_time_codes import OneTimeCode
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode
from store.people.waiting_changes import WaitingChange, WaitOutcome

_KEPT = frozenset({"account_id", "created_at", "facts_version", "skips_used", "exposed_at", "progress_at"})
"""What stays as it is: ids and counts."""

_BLANK: dict[str, Any] = {"locale": "en", "attributes": {}, "sms": SmsState.ON}
"""What columns become that are never empty; every other one becomes NULL."""


def forget_person(
    session: Session, account: Account, kind: EventKind, *, at: datetime, actor: Actor, **detail: DetailValue
) -> None:
    """Forget who a locked account was, end its sessions, and take every way in away. The journal tells that it went."""
    _blank(session, account, at=at)
    _end_routes(session, account.account_id, at=at)
    _forget_around(session, account.account_id, at=at)
    journal.append(session, account.account_id, kind, at=at, actor=actor, **detail)


def tombstone(account_id: str) -> str:
    """What takes the place of the host's id, which may name a person. No id of a host begins with a blank."""
    return f" {account_id}"


def _blank(session: Session, account: Account, *, at: datetime) -> None:
    for name in Account.model_fields.keys() - _KEPT:
        setattr(account, name, _BLANK.get(name))
    account.external_id, account.deleted_at = tombstone(account.account_id), at
    session.add(account)
    session.flush()


def _end_routes(session: Session, account_id: str, *, at: datetime) -> None:
    sessions.end_all(session, account_id, at=at)
    links.void_all(session, account_id, at=at)
    is_bound = (col(Passkey.account_id) == account_id, col(Passkey.removed_at).is_(None))
    session.execute(update(Passkey).where(*is_bound).values(removed_at=at))
    session.execute(update(Passkey).where(col(Passkey.account_id) == account_id).values(name=""))
    is_set_up = (col(AuthenticatorApp.account_id) == account_id, col(AuthenticatorApp.removed_at).is_(None))
    session.execute(update(AuthenticatorApp).where(*is_set_up).values(removed_at=at))
    is_usable = (col(RecoveryCode.account_id) == account_id, col(RecoveryCode.voided_at).is_(None))
    session.execute(update(RecoveryCode).where(*is_usable).values(voided_at=at))


def _forget_around(session: Session, account_id: str, *, at: datetime) -> None:
    """Contacts as they were, addresses in links and codes, browsers, and what was waiting to happen."""
    for table, columns in (
        (ContactRecord, {"address": ""}),
        (Link, {"email": None}),
        (OneTimeCode, {"email": None}),
        (WaitingChange, {"subject_id": ""}),
    ):
        session.execute(update(table).where(col(table.account_id) == account_id).values(**columns))
    waiting = update(WaitingChange).where(
        col(WaitingChange.account_id) == account_id, col(WaitingChange.settled_at).is_(None)
    )
    session.execute(waiting.values(settled_at=at, outcome=WaitOutcome.WITHDRAWN))
    for forgotten in (KnownBrowser, FailedCeremony, DoorNote, HostRouteEvent):
        session.execute(delete(forgotten).where(col(forgotten.account_id) == account_id))
