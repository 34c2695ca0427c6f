"""Forgets what still points to a person around an account that is gone: sessions, keys, words of staff, entries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal
from sqlmodel import Session, SQLModel, col, delete, or_, select, update

from domain.desk.acts import Act
from domain.journal import Actor, EventKind
from domain.rights.pseudonyms import without_person
from store.host.events import StoredHostEvent
from store.host.sign_ons import SignOn
from store.journeys.check_ups import CheckUp
from store.journeys.host_words import HostWord
from store.journeys.troubles import JourneyTrouble
from store.messages.messages import Message
from store.people.accounts import Account
from store.people.attempts import Attempt
from store.people.authenticator_apps import AuthenticatorApp
from store.people.challenges import Challenge
from store.people.exemptions import Exemption
from store.people.journal import JournalEntry
from store.people.links import Link
from store.people.one_time_codes import OneTimeCode
from store.people.passkeys import Passkey
from store.people.recovery_codes import RecoveryCode
from store.people.sessions import WebSession
from store.safety.objections import Objection
from store.safety.recoveries import Recovery
from store.safety.rescues import Rescue
from store.staff.audit import AuditEntry
from store.staff.staff_requests import StaffRequest

ERASED = "erased "
"""What stands before the id of a passkey or code in the place of its own name or digest."""

_AT_ONCE = 500
"""Entries of a journal that are read at once."""


def forget(session: Session, account_id: str, *, at: datetime) -> None:
    """Forget every trace of a locked account whose person is forgotten; what is forgotten already stays so."""
    _delete(session, account_id)
    _blank(session, account_id)
    _forget_reasons(session, account_id)
    _pseudonymise(session, account_id)
    gone = update(Account).where(col(Account.account_id) == account_id, col(Account.forgotten_at).is_(None))
    session.execute(gone.values(forgotten_at=at))


def left(session: Session, *, limit: int) -> list[str]:
    """The next accounts that are gone and have traces left: their hosts deleted them before traces were looked for."""
    query = select(Account.account_id).where(
        col(Account.deleted_at).is_not(None), col(Account.forgotten_at).is_(None)
    )
    return list(session.exec(query.order_by(col(Account.deleted_at)).limit(limit)).all())


def _delete(session: Session, account_id: str) -> None:
    session_ids = select(col(WebSession.session_id)).where(col(WebSession.account_id) == account_id)
    for of_session in (Challenge, OneTimeCode):
        session.execute(delete(of_session).where(col(of_session.session_id).in_(session_ids)))
    for of_account in (OneTimeCode, Link, WebSession, JourneyTrouble, CheckUp, Exemption):
        session.execute(delete(of_account).where(col(of_account.account_id) == account_id))
    session.execute(delete(OneTimeCode).where(col(OneTimeCode.asked_for) == account_id))
    session.execute(
        delete(SignOn).where(or_(col(SignOn.account_id) == account_id, col(SignOn.expected_id) == account_id))
    )


def _blank(session: Session, account_id: str) -> None:
    """What a record of authenticators and messages does not need: names at other systems, and keys."""
    blank: dict[type[SQLModel], dict[str, Any]] = {
        Passkey: {
            "credential_id": literal(ERASED).concat(col(Passkey.passkey_id)),
            "public_key": b"",
            "sign_count": 0,
            "transports": [],
            "host_id": None,
        },
        RecoveryCode: {
            "digest": literal(ERASED).concat(col(RecoveryCode.code_id)),
            "ending": None,
            "host_id": None,
        },
        AuthenticatorApp: {"sealed": None, "last_step": 0},
        Message: {"provider_id": None},
        StoredHostEvent: {"account_id": None},
        Attempt: {"account_id": None},
        HostWord: {"refused_reason": None},
        Rescue: {"digest": None},
        Recovery: {"reference": literal(ERASED).concat(col(Recovery.recovery_id))},
    }
    for table, columns in blank.items():
        of_account = col(table.account_id) == account_id  # type: ignore[attr-defined]
        session.execute(update(table).where(of_account).values(**columns))


def _forget_reasons(session: Session, account_id: str) -> None:
    """What staff have typed about the person. Why the person was erased stays in the audit."""
    blank: dict[type[SQLModel], dict[str, Any]] = {
        Objection: {"reason": None},
        StaffRequest: {"reason": "", "evidence": ""},
    }
    for table, columns in blank.items():
        is_erasure = (col(StaffRequest.act) != Act.ERASE,) if table is StaffRequest else ()
        of_account = update(table).where(col(table.account_id) == account_id, *is_erasure)  # type: ignore[attr-defined]
        session.execute(of_account.values(**columns))
    act = col(AuditEntry.detail)["act"].as_string()
    audited = update(AuditEntry).where(
        col(AuditEntry.account_id) == account_id,
        col(AuditEntry.reason) != "",
        or_(act.is_(None), act != Act.ERASE),
    )
    session.execute(audited.values(reason=""))


def _pseudonymise(session: Session, account_id: str) -> None:
    last_id = 0
    while entries := _entries(session, account_id, last_id):
        for entry in entries:
            staying = without_person(EventKind(entry.kind), Actor(entry.actor), entry.detail)
            if staying != entry.detail:
                entry.detail = staying
                session.add(entry)
        session.flush()
        last_id = entries[-1].entry_id or 0


def _entries(session: Session, account_id: str, last_id: int) -> Sequence[JournalEntry]:
    query = select(JournalEntry).where(
        JournalEntry.account_id == account_id, col(JournalEntry.entry_id) > last_id
    )
    return session.exec(query.order_by(col(JournalEntry.entry_id)).limit(_AT_ONCE)).all()
