"""The events of hosts, each kept by its source and id for a month: however often it is told, it is taken once."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, and_, bindparam, col, delete, select, tuple_, update

from domain.host.events import EventOutcome
from store.engine.types import Instant
from store.engine.upserts import insert_into


class StoredHostEvent(SQLModel, table=True):
    """One event that was taken: what became of it, and why if that says little. What it told is not kept.

    `account_id` is None where no account here has the host's id.
    """

    __tablename__ = "host_event"

    source: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    kind: str
    account_id: str | None = Field(default=None, foreign_key="account.account_id", index=True)
    at: datetime = Field(sa_type=Instant)
    taken_at: datetime = Field(sa_type=Instant, index=True)
    outcome: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class EventName:
    """What names an event for ever."""

    source: str
    event_id: str


@dataclass(frozen=True, kw_only=True)
class KeptOutcome:
    """What became of an event."""

    outcome: EventOutcome
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class EventClaim:
    """An event that is about to be taken, with what will have become of it unless something else is noted."""

    source: str
    event_id: str
    kind: str
    account_id: str | None
    at: datetime
    outcome: EventOutcome
    reason: str = ""

    @property
    def name(self) -> EventName:
        """What names the event."""
        return EventName(source=self.source, event_id=self.event_id)


def claim(session: Session, claims: Iterable[EventClaim], *, now: datetime) -> frozenset[EventName]:
    """Keep events before they are taken; returns those that nobody has kept before.

    Another transaction that brings the same event waits until this one has ended.
    """
    in_order = sorted(claims, key=lambda each: (each.source, each.event_id))
    if not in_order:
        return frozenset()
    statement = insert_into(session, SQLModel.metadata.tables["host_event"]).on_conflict_do_nothing()
    names = (col(StoredHostEvent.source), col(StoredHostEvent.event_id))
    rows = [asdict(each) | {"taken_at": now} for each in in_order]
    kept = session.connection().execute(statement.returning(*names), rows)
    return frozenset(EventName(source=source, event_id=event_id) for source, event_id in kept)


def outcomes(session: Session, names: Sequence[EventName]) -> dict[EventName, KeptOutcome]:
    """What became of those of these events that are on record; the others are missing."""
    key = tuple_(col(StoredHostEvent.source), col(StoredHostEvent.event_id))
    query = select(
        StoredHostEvent.source, StoredHostEvent.event_id, StoredHostEvent.outcome, StoredHostEvent.reason
    ).where(key.in_([(name.source, name.event_id) for name in names]))
    return {
        EventName(source=source, event_id=event_id): KeptOutcome(outcome=EventOutcome(outcome), reason=reason)
        for source, event_id, outcome, reason in session.exec(query)
    }


def note_outcomes(session: Session, changed: dict[EventName, KeptOutcome]) -> None:
    """Note what became of events, where that is not what was expected."""
    if not changed:
        return
    table = SQLModel.metadata.tables["host_event"]
    is_named = and_(table.c.source == bindparam("of_source"), table.c.event_id == bindparam("of_event_id"))
    session.connection().execute(
        update(table).where(is_named),
        [
            {
                "of_source": name.source,
                "of_event_id": name.event_id,
                "outcome": kept.outcome,
                "reason": kept.reason,
            }
            for name, kept in changed.items()
        ],
    )


def release(session: Session, names: Sequence[EventName]) -> None:
    """Forget events that were refused after all, so that they can be told again."""
    if names:
        key = tuple_(col(StoredHostEvent.source), col(StoredHostEvent.event_id))
        session.execute(
            delete(StoredHostEvent).where(key.in_([(name.source, name.event_id) for name in names]))
        )
