"""Figures that cost little, however many accounts there are: an index or a small table answers each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select, text

from domain.counting import has_left
from domain.messages.text_limits import CeilingUse, day_of
from domain.retiring import Retiring
from domain.rollouts.rollout import Standing
from domain.rollouts.slice_holds import SliceHold
from domain.switches import SwitchStop
from store.engine import raised_guards
from store.engine.heartbeats import Heartbeat
from store.host import comparisons, event_counts, list_runs, webhook_sending, webhook_upkeep
from store.host.event_counts import HostEventCount
from store.journeys import retiring, switches
from store.messages import callback_counts, hand_overs, lanes, outages, text_counts, withheld
from store.messages.callback_counts import CallbackCount
from store.messages.lanes import Lane
from store.messages.messages import Message
from store.messages.outages import Outage
from store.messages.withheld import Withheld
from store.people import journal
from store.rollouts import cohorts, slice_holds, tallies
from store.rollouts.cohorts import CohortEntry, StoredCohort
from store.rollouts.tallies import Tally
from store.safety import recoveries
from store.safety.objections import Objection


@dataclass(frozen=True, kw_only=True)
class CohortNow:
    """Where a rollout stands, and the tally of its last assessment. `pace` is launches a minute.

    `holds` are the slices without the prompt.
    """

    cohort_id: str
    name: str
    standing: Standing
    pace: int
    assess_every: timedelta
    tally: Tally | None
    holds: tuple[SliceHold, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LiveFigures:
    """How Offramp works at this moment. `waiting` counts queued messages by purpose, and by what they wait for.

    `texts` counts today's text messages by country; `withheld` are those that were not carried lately.
    `host_differences` counts how the host's last list differs; it is empty if no list was ever compared. `host_list_at`
    is when the last one was read to its end, or, while none was, when a worker first wanted it.
    """

    at: datetime
    oldest_entry: datetime | None
    oldest_message: datetime | None
    heartbeats: Sequence[Heartbeat]
    outages: Sequence[Outage]
    callbacks: Sequence[CallbackCount]
    host_events: Sequence[HostEventCount]
    cohorts: Sequence[CohortNow]
    commands: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: dict[tuple[str, ...], int] = field(default_factory=dict)
    lanes: Sequence[Lane] = ()
    objections: int = 0
    recoveries: dict[str, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    ceilings: Sequence[CeilingUse] = ()
    withheld: Sequence[Withheld] = ()
    retiring: Retiring = field(default_factory=Retiring)
    guard_is_up: bool = False
    stops: Sequence[SwitchStop] = ()
    oldest_webhook: datetime | None = None
    dead_webhooks: int = 0
    database_bytes: int = 0
    host_differences: dict[str, int] = field(default_factory=dict)
    host_list_at: datetime | None = None


def read(session: Session, *, now: datetime) -> LiveFigures:
    """Read all figures."""
    return LiveFigures(
        at=now,
        oldest_entry=journal.oldest_unpublished(session),
        oldest_message=hand_overs.longest_due(session, now=now),
        heartbeats=list(session.exec(select(Heartbeat).order_by(Heartbeat.name))),
        outages=outages.every(session),
        callbacks=callback_counts.counts(session),
        host_events=event_counts.counts(session),
        cohorts=_cohorts(session, now),
        commands=_commands(session),
        waiting=_waiting(session),
        lanes=lanes.look(session, now=now),
        objections=_open_objections(session),
        recoveries={stage.value: count for stage, count in recoveries.count_by_stage(session).items()},
        texts=text_counts.by_country(session, day_of(now)),
        ceilings=text_counts.ceilings(session, at=now),
        withheld=withheld.lately(session, at=now),
        retiring=retiring.read(session),
        guard_is_up=raised_guards.find_up(session, now=now) is not None,
        stops=switches.open_stops(session),
        oldest_webhook=webhook_sending.oldest_open(session),
        dead_webhooks=sum(webhook_upkeep.count_dead(session).values()),
        database_bytes=_bytes(session),
        host_differences=_host_differences(session),
        host_list_at=_host_list_at(session),
    )


def _cohorts(session: Session, now: datetime) -> list[CohortNow]:
    """The cohorts whose rollouts are under way, or have been over for a short time only."""
    return [
        _cohort(session, row) for row in cohorts.every(session) if not has_left(cohorts.standing(row), now)
    ]


def _cohort(session: Session, row: StoredCohort) -> CohortNow:
    described = cohorts.description(row)
    return CohortNow(
        cohort_id=row.cohort_id,
        name=row.name,
        standing=cohorts.standing(row),
        pace=described.pace,
        assess_every=described.assess_every,
        tally=tallies.latest(session, row.cohort_id),
        holds=tuple(slice_holds.of_cohort(session, row.cohort_id, only_open=True)),
    )


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


def _host_differences(session: Session) -> dict[str, int]:
    last_comparison = comparisons.last(session)
    return dict(last_comparison.differences) if last_comparison else {}


def _host_list_at(session: Session) -> datetime | None:
    last_comparison, run = comparisons.last(session), list_runs.last(session)
    if last_comparison:
        return last_comparison.ended_at
    return run.wanted_since if run else None


def _open_objections(session: Session) -> int:
    query = select(func.count()).select_from(Objection).where(col(Objection.settled_at).is_(None))
    return session.exec(query).one()


def _bytes(session: Session) -> int:
    if session.get_bind().dialect.name == "sqlite":
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        size = "SELECT pg_database_size(current_database())"
    return int(session.execute(text(size)).scalar_one())
