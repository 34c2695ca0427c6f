"""Transactions that audit refusals. The refused transaction is rolled back, so another one writes the refusal."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from domain.desk.acts import SETTLE_OBJECTION
from domain.errors import Refused, Unknown
from domain.staff.reasons import BadReason, clean_reason
from domain.staff.staff import AuditKind, Author
from store.acts.orders import ActOrder
from store.engine.database import Database
from store.staff import audit, staff_requests

_MISTYPED = (Unknown, BadReason)
"""Errors that are not audited: there is no such account, or the reason has words that must not be stored."""


def acting(database: Database, order: ActOrder, *, at: datetime) -> AbstractContextManager[Session]:
    """A transaction in which an order is carried out."""
    about = _About(account_id=order.account_id, act=order.act, reason=order.reason)
    return _watched(database, order.author, about, at=at)


def deciding(
    database: Database, author: Author, request_id: str, *, at: datetime
) -> AbstractContextManager[Session]:
    """A transaction for one step of a request: a decision, a stop, or the code of a rescue pass. Raises Unknown."""
    with database.reading() as session:
        request = staff_requests.get(session, request_id)
    about = _About(account_id=request.account_id, act=request.act, detail={"request_id": request_id})
    return _watched(database, author, about, at=at)


def settling(
    database: Database, author: Author, account_id: str, objection_id: str, *, at: datetime
) -> AbstractContextManager[Session]:
    """A transaction in which an objection is settled."""
    about = _About(account_id=account_id, act=SETTLE_OBJECTION, detail={"objection_id": objection_id})
    return _watched(database, author, about, at=at)


@dataclass(frozen=True, kw_only=True)
class _About:
    account_id: str
    act: str
    reason: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def _watched(database: Database, author: Author, about: _About, *, at: datetime) -> Iterator[Session]:
    try:
        with database.transaction() as session:
            yield session
    except _MISTYPED:
        raise
    except Refused as refusal:
        with database.transaction() as session:
            _write_down(session, author, about, str(refusal), at=at)
        raise


def _write_down(session: Session, author: Author, about: _About, refusal: str, *, at: datetime) -> None:
    audit.append(
        session,
        author,
        AuditKind.ACT_REFUSED,
        at=at,
        account_id=about.account_id,
        reason=clean_reason(about.reason) if about.reason else "",
        act=about.act,
        refusal=refusal,
        **about.detail,
    )
