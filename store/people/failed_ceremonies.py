"""The last failed ceremony of each account, as long as no passkey has worked since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, delete, select

from domain.journal import EventKind
from store.engine.types import Instant
from store.engine.upserts import insert

_WORKED = frozenset({EventKind.PASSKEY_BOUND, EventKind.PASSKEY_SIGNED_IN, EventKind.PASSKEY_PROVEN})


class FailedCeremony(SQLModel, table=True):
    """What went wrong: the DOMException's name, and the platform of the browser."""

    __tablename__ = "failed_ceremony"
    __table_args__ = (Index("ix_failed_ceremony_at", "at", "account_id"),)

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    at: datetime = Field(sa_type=Instant)
    ceremony: str
    name: str
    platform: str


def follow(
    session: Session, account_id: str, kind: EventKind, detail: dict[str, Any], *, at: datetime
) -> None:
    """Update the account's failure after one journal entry, in the transaction of the entry."""
    if kind in _WORKED:
        session.execute(delete(FailedCeremony).where(col(FailedCeremony.account_id) == account_id))
    elif kind is EventKind.CEREMONY_FAILED:
        columns = {name: str(detail.get(name) or "") for name in ("ceremony", "name", "platform")}
        row = insert(session, FailedCeremony).values(account_id=account_id, at=at, **columns)
        session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_={"at": at, **columns}))


def of_accounts(session: Session, account_ids: Sequence[str]) -> Sequence[FailedCeremony]:
    """The failures of these accounts; accounts where a passkey has worked since have none."""
    return session.exec(select(FailedCeremony).where(col(FailedCeremony.account_id).in_(account_ids))).all()
