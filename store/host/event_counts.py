"""Counts the events of hosts by kind and outcome, since the beginning."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from store.engine.types import Instant
from store.engine.upserts import insert_into


class HostEventCount(SQLModel, table=True):
    """How many events of one kind had one outcome; `repeated` and `refused` are outcomes here, too."""

    __tablename__ = "host_event_count"

    kind: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    times: int
    last_at: datetime = Field(sa_type=Instant)


def add(session: Session, times: Counter[tuple[str, str]], *, at: datetime) -> None:
    """Add to the counts, by kind and outcome. Last in a transaction, as others wait here for its end."""
    if not times:
        return
    session.flush()  # so that all else is written before others wait
    table = SQLModel.metadata.tables["host_event_count"]
    new_counts = insert_into(session, table)
    raised = {"times": table.c.times + new_counts.excluded.times, "last_at": new_counts.excluded.last_at}
    session.connection().execute(
        new_counts.on_conflict_do_update(index_elements=["kind", "outcome"], set_=raised),
        [
            {"kind": kind, "outcome": outcome, "times": number, "last_at": at}
            for (kind, outcome), number in sorted(times.items())
        ],
    )


def counts(session: Session) -> Sequence[HostEventCount]:
    """All counts, by kind and outcome."""
    return session.exec(select(HostEventCount).order_by(HostEventCount.kind, HostEventCount.outcome)).all()
