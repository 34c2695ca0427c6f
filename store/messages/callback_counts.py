"""Counts the callbacks of providers by their outcome: news, known already, or about a message that is not here."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from store.engine.types import Instant
from store.engine.upserts import insert


class CallbackCount(SQLModel, table=True):
    """How many callbacks of one provider had one outcome, since the beginning."""

    __tablename__ = "callback_count"

    provider: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    times: int
    last_at: datetime = Field(sa_type=Instant)


def count(session: Session, provider: str, outcome: str, *, times: int, at: datetime) -> None:
    """Add `times` to the count of a provider and an outcome."""
    new_count = insert(session, CallbackCount).values(
        provider=provider, outcome=outcome, times=times, last_at=at
    )
    raised_count = {"times": CallbackCount.times + times, "last_at": at}
    session.execute(
        new_count.on_conflict_do_update(index_elements=["provider", "outcome"], set_=raised_count)
    )


def counts(session: Session) -> list[CallbackCount]:
    """All counts, by provider and outcome."""
    query = select(CallbackCount).order_by(CallbackCount.provider, CallbackCount.outcome)
    return list(session.exec(query).all())
