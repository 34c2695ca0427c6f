"""Journeys whose workflow fails, as Temporal last reported; kept here so that no page has to ask Temporal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, delete, select

from store.engine.types import Instant
from store.engine.upserts import insert
from store.people.accounts import Account

LONGEST_ERROR = 300
"""How many characters of an error are kept; Temporal's own page has the rest."""


class JourneyTrouble(SQLModel, table=True):
    """One journey that fails: Temporal's own error, since when, and when it was last seen failing."""

    __tablename__ = "journey_trouble"
    __table_args__ = (Index("ix_journey_trouble_since", "since", "account_id"),)

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    run_id: str
    error: str
    since: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What Temporal reports of one failing journey."""

    account_id: str
    run_id: str
    error: str


def note(session: Session, failing: Iterable[Trouble], *, at: datetime) -> int:
    """Keep which journeys fail, and since when; returns how many of them belong to accounts here."""
    by_id = {trouble.account_id: trouble for trouble in failing}
    account_ids = session.exec(select(Account.account_id).where(col(Account.account_id).in_(by_id))).all()
    for account_id in account_ids:
        error = by_id[account_id].error[:LONGEST_ERROR]
        columns = {"run_id": by_id[account_id].run_id, "error": error, "seen_at": at}
        row = insert(session, JourneyTrouble).values(account_id=account_id, since=at, **columns)
        session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=columns))
    return len(account_ids)


def forget_unseen(session: Session, *, since: datetime) -> None:
    """Forget the journeys that were last seen failing before `since`."""
    session.execute(delete(JourneyTrouble).where(col(JourneyTrouble.seen_at) < since))


def of_accounts(session: Session, account_ids: Sequence[str]) -> Sequence[JourneyTrouble]:
    """The troubles of these accounts; accounts whose journeys do not fail have none."""
    return session.exec(select(JourneyTrouble).where(col(JourneyTrouble.account_id).in_(account_ids))).all()
