"""Forgets, batch by batch, what has served its time: where messages went, from where staff came, what was tried."""

from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, exists, text
from sqlmodel import Session, col, delete, func, or_, select, update

from domain.rights.retention import Retention, Term
from store.messages.deletions import WITHOUT_PERSON
from store.messages.messages import Message
from store.people.accounts import Account
from store.people.attempts import Attempt
from store.rights import old_sessions
from store.staff.audit import AuditEntry

BATCH = 2000
"""How many messages, entries of the audit, and attempts, are gone over at once."""

_COMES_FROM_SOMEWHERE = text("came_from <> ''")


def forget_recipients(session: Session, retention: Retention, *, now: datetime) -> int:
    """Forget where messages went and what they said; not while it is open who the owner of their account is."""
    keys = select(Message.key).where(
        *_named(session), col(Message.settled_at) < now - retention.recipients, _is_undisputed()
    )
    keys = keys.order_by(col(Message.settled_at)).limit(BATCH)
    forgotten = update(Message).where(col(Message.key).in_(keys.scalar_subquery())).values(**WITHOUT_PERSON)
    return int(session.execute(forgotten).rowcount)  # type: ignore[attr-defined]


def forget_addresses(session: Session, retention: Retention, *, now: datetime) -> int:
    """Forget from which network addresses members of staff did what the audit keeps."""
    ids = select(AuditEntry.entry_id).where(
        _COMES_FROM_SOMEWHERE, col(AuditEntry.at) < now - retention.audit_addresses
    )
    ids = ids.order_by(col(AuditEntry.at)).limit(BATCH)
    forgotten = update(AuditEntry).where(col(AuditEntry.entry_id).in_(ids.scalar_subquery()))
    return int(session.execute(forgotten.values(came_from="")).rowcount)  # type: ignore[attr-defined]


def forget_attempts(session: Session, retention: Retention, *, now: datetime) -> int:
    """Delete prompts, ceremonies and sign-ins that are old enough."""
    ids = select(Attempt.attempt_id).where(col(Attempt.at) < now - retention.attempts)
    ids = ids.order_by(col(Attempt.at)).limit(BATCH)
    forgotten = delete(Attempt).where(col(Attempt.attempt_id).in_(ids.scalar_subquery()))
    return int(session.execute(forgotten).rowcount)  # type: ignore[attr-defined]


def oldest(session: Session, term: Term, *, now: datetime) -> datetime | None:
    """When the time began to run of what is kept the longest, and nothing needs; None if there is nothing."""
    match term:
        case Term.RECIPIENTS:
            settled_at = select(func.min(Message.settled_at)).where(*_named(session), _is_undisputed())
            return session.exec(settled_at).one()
        case Term.AUDIT_ADDRESSES:
            return session.exec(select(func.min(AuditEntry.at)).where(_COMES_FROM_SOMEWHERE)).one()
        case Term.ATTEMPTS:
            return session.exec(select(func.min(Attempt.at))).one()
    return old_sessions.oldest(session, now=now, is_anonymous=term is Term.ANONYMOUS_SESSIONS)


def _named(session: Session) -> tuple[TextClause, ...]:
    """Settled messages that still say where they went or what they said, in the words of the index."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    words = "values_ <> '{}'" if is_sqlite else "values_::text <> '{}'"
    return text(f"(recipient <> '' OR {words})"), text("settled_at IS NOT NULL")


def _is_undisputed() -> ColumnElement[bool]:
    disputed = exists().where(
        col(Account.account_id) == Message.account_id, col(Account.disputed_since).is_not(None)
    )
    return or_(col(Message.account_id).is_(None), ~disputed)
