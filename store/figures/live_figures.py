"""Figures that cost little, however many accounts there are: an index or a small table answers each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select, text

from domain.messages.text_limits import CeilingUse, day_of
from domain.retiring import Retiring
from domain.rollouts.rollout import Standing
from store.engine.heartbeats import Heartbeat
from store.journeys import retiring
from store.messages import callback_counts, hand_overs, outages, text_counts, withheld
from store.messages.callback_counts import CallbackCount
from store.messages.messages import Message
from store.messages.outages import Outage
from store.messages.withheld import Withheld
from store.people import journal
from store.rollouts import cohorts, tallies
from store.rollouts.cohorts import CohortEntry
from store.rollouts.tallies import Tally
from store.safety.objections import Objection


@dataclass(frozen=True, kw_only=True)
class CohortNow:
    """Where a rollout stands, and the tally of its last assessment."""

    cohort_id: str
    name: str
    standing: Standing
    pace: int
    tally: Tally | None


@dataclass(frozen=True, kw_only=True)
class LiveFigures:
    """How Offramp works at this moment. `waiting` counts queued messages by purpose, and by what they wait for.

    `texts` counts today's text messages by country; `withheld` are those that were not carried lately.
    """

    at: datetime
    oldest_entry: datetime | None
    oldest_message: datetime | None
    heartbeats: Sequence[Heartbeat]
    outages: Sequence[Outage]
    callbacks: Sequence[CallbackCount]
    cohorts: Sequence[CohortNow]
    commands: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: dict[tuple[str, ...], int] = field(default_factory=dict)
    objections: int = 0
    texts: dict[str, int] = field(default_factory=dict)
    ceilings: Sequence[CeilingUse] = ()
    withheld: Sequence[Withheld] = ()
    retiring: Retiring = field(default_factory=Retiring)
    database_bytes: int = 0


def read(session: Session, *, now: datetime) -> LiveFigures:
    """Read all figures."""
    return LiveFigures(
        at=now,
        oldest_entry=journal.oldest_unpublished(session),
        oldest_message=hand_overs.longest_due(session, now=now),
        heartbeats=list(session.exec(select(Heartbeat).order_by(Heartbeat.name))),
        outages=outages.every(session),
        callbacks=callback_counts.counts(session),
        cohorts=_cohorts(session),
        commands=_commands(session),
        waiting=_waiting(session),
        objections=_open_objections(session),
        texts=text_counts.by_country(session, day_of(now)),
        ceilings=text_counts.ceilings(session, at=now),
        withheld=withheld.lately(session, at=now),
        retiring=retiring.read(session),
        database_bytes=_bytes(session),
    )


def _cohorts(session: Session) -> list[CohortNow]:
    return [
        CohortNow(
            cohort_id=row.cohort_id,
            name=row.name,
            standing=cohorts.standing(row),
            pace=cohorts.description(row).pace,
            tally=tallies.latest(session, row.cohort_id),
        )
        for row in cohorts.every(session)
    ]


def _commands(session: Session) -> dict[tuple[str, str], int]:
    query = select(CohortEntry.cohort_id, CohortEntry.kind, func.count())
    grouped = query.group_by(col(CohortEntry.cohort_id), col(CohortEntry.kind))
    return {(cohort_id, kind): count for cohort_id, kind, count in session.exec(grouped)}


def _waiting(session: Session) -> dict[tuple[str, ...], int]:
    # A literal, because with parameters SQLite does not use the partial index.
    query = select(Message.purpose, func.coalesce(Message.waits_for, "turn"), func.count())
    queued = query.where(text("message.state = 'queued'"))
    grouped = queued.group_by(col(Message.purpose), col(Message.waits_for))
    return {(purpose, waits_for): count for purpose, waits_for, count in session.exec(grouped)}


def _open_objections(session: Session) -> int:
    query = select(func.count()).select_from(Objection).where(col(Objection.settled_at).is_(None))
    return session.exec(query).one()


def _bytes(session: Session) -> int:
    if session.get_bind().dialect.name == "sqlite":
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        size = "SELECT pg_database_size(current_database())"
    return int(session.execute(text(size)).scalar_one())
