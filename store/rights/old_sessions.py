"""Which sessions of people have served their time; those that a dispute, a hold or a waiting change needs have not."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import Session, col, func, select

from domain.rights.retention import EVIDENCE_KEPT_FOR, LATE_AFTER, Retention
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.people.sessions import WebSession
from store.people.waiting_changes import WaitingChange
from store.safety.objections import Objection


def over(session: Session, retention: Retention, *, now: datetime, limit: int) -> list[str]:
    """The ids of some sessions that can go."""
    query = select(WebSession.session_id).where(
        or_(
            and_(_is_anonymous(), col(WebSession.expires_at) < now - retention.anonymous_sessions),
            and_(~_is_anonymous(), col(WebSession.expires_at) < now - retention.sessions),
        ),
        *_free(now),
    )
    return list(session.exec(query.limit(limit)).all())


def oldest(session: Session, *, now: datetime, is_anonymous: bool) -> datetime | None:
    """When the session expired that has been kept the longest and that nothing needs; None without any.

    What something has needed until a short while ago is not late yet, however old it is.
    """
    whose = _is_anonymous() if is_anonymous else ~_is_anonymous()
    query = select(func.min(WebSession.expires_at)).where(
        whose, col(WebSession.expires_at) < now, *_free(now - LATE_AFTER), ~_was_needed(now - LATE_AFTER)
    )
    return session.exec(query).one()


def _was_needed(since: datetime) -> ColumnElement[bool]:
    """Whether a dispute, or a change that waited, has ended since then."""
    of_account = col(WebSession.account_id)
    return or_(
        exists().where(col(Objection.account_id) == of_account, col(Objection.settled_at) > since),
        exists().where(col(WaitingChange.account_id) == of_account, col(WaitingChange.settled_at) > since),
    )


def _is_anonymous() -> ColumnElement[bool]:
    return col(WebSession.account_id).is_(None)


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    changed_at = col(WebSession.changed_at)
    of_account = col(WebSession.account_id)
    is_disputed = exists().where(
        col(Objection.session_id) == WebSession.session_id, col(Objection.settled_at).is_(None)
    )
    is_owner_open = exists().where(
        col(Account.account_id) == of_account, col(Account.disputed_since).is_not(None)
    )
    waits = exists().where(
        col(WaitingChange.account_id) == of_account,
        col(WaitingChange.session_id) == WebSession.session_id,
        col(WaitingChange.settled_at).is_(None),
    )
    holds = exists().where(
        col(Passkey.account_id) == of_account,
        col(Passkey.removed_in) == WebSession.session_id,
        col(Passkey.removed_at).is_(None),
    )
    is_no_evidence = or_(changed_at.is_(None), changed_at < now - EVIDENCE_KEPT_FOR)
    return (is_no_evidence, ~is_disputed, ~is_owner_open, ~waits, ~holds)
