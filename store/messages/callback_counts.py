"""How many callbacks of providers came to what: the known, the news, and those about messages nobody here knows."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from store.engine.types import Instant
from store.engine.upserts import insert


class CallbackCount(SQLModel, table=True):
    """A count since the beginning, by provider and by what the callbacks came to."""

    __tablename__ = "callback_count"

    provider: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    times: int
    last_at: datetime = Field(sa_type=Instant)


def count(session: Session, provider: str, outcome: str, *, times: int, at: datetime) -> None:
    """Add to a count."""
    added = insert(session, CallbackCount).values(provider=provider, outcome=outcome, times=times, last_at=at)
    raised = {"times": CallbackCount.times + times, "last_at": at}
    session.execute(added.on_conflict_do_update(index_elements=["provider", "outcome"], set_=raised))


def counts(session: Session) -> list[CallbackCount]:
    """All counts, by provider and outcome."""
    query = select(CallbackCount).order_by(CallbackCount.provider, CallbackCount.outcome)
    return list(session.exec(query).all())
