"""What the people who run a migration want to see first: what runs, what is held and why, what waits for somebody,
which end dates are near, and how yesterday was beside the week before."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.journal import EventKind
from domain.rollouts.rollout import OVER, Stage, Standing
from domain.switches import Switch
from domain.words.cohort_captions import waits_for
from domain.words.moments import stamp
from domain.words.switch_words import who
from domain.words.today_words import HAPPENED, HoldKind, WaitingKind
from store import Session
from store.desk import exempt
from store.engine import raised_guards
from store.journeys import switches
from store.rollouts import cohorts, end_requests, measurements, slice_holds, tallies
from store.rollouts.cohorts import StoredCohort
from store.safety import objections
from store.staff import staff_requests
from store.webhooks import subscriptions

WEEK = 7
"""How many days before yesterday it is compared with."""

LONGEST_PAST = timedelta(days=7)
"""For how long an end date that has come is still shown."""


@dataclass(frozen=True, kw_only=True)
class RunningRollout:
    """One rollout that is not over; `wave` counts from 1."""

    cohort: str
    cohort_id: str
    stage: Stage
    wave: int
    waves: int
    launched: int
    members: int
    waits_for: str


@dataclass(frozen=True, kw_only=True)
class HeldThing:
    """Something that does not go on by itself. `cohort` and `cohort_id` are empty for what is about everybody."""

    kind: HoldKind
    cohort: str = ""
    cohort_id: str = ""
    what: str = ""
    because: str = ""
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class WaitingThings:
    """How much of one kind waits for a member of staff."""

    kind: WaitingKind
    count: int


@dataclass(frozen=True, kw_only=True)
class NearEnd:
    """The end date of a cohort; `days` until then by whole days, negative once it has come."""

    cohort: str
    cohort_id: str
    at: datetime
    days: int


@dataclass(frozen=True, kw_only=True)
class DayFigure:
    """How often something happened yesterday, and on a day of the week before, on average; days are UTC's."""

    kind: EventKind
    yesterday: int
    usual: float


@dataclass(frozen=True, kw_only=True)
class Today:
    """Everything that the home page shows."""

    at: datetime
    yesterday: date
    rollouts: tuple[RunningRollout, ...]
    holds: tuple[HeldThing, ...]
    waiting: tuple[WaitingThings, ...]
    ends: tuple[NearEnd, ...]
    figures: tuple[DayFigure, ...]


def read(
    session: Session,
    *,
    days: Sequence[Counter[EventKind]],
    stuck: int,
    now: datetime,
    when: Callable[[datetime], str] = stamp,
) -> Today:
    """What there is at this moment, with so many people stuck; `when` puts an instant into words.

    `days` are the counts of the week before yesterday and of yesterday, as `dates` names them.
    """
    rows = [row for row in cohorts.every(session) if row.stage not in OVER]
    yesterday = dates(now)[-1]
    return Today(
        at=now,
        yesterday=yesterday,
        rollouts=tuple(_running(session, row, now, when) for row in rows),
        holds=tuple(_holds(session, rows, now)),
        waiting=tuple(_waiting(session, rows, stuck, now)),
        ends=tuple(sorted(_ends(rows, now), key=lambda end: end.at)),
        figures=_figures(days),
    )


def dates(now: datetime) -> list[date]:
    """The days that are compared, in UTC: those of the week before yesterday, and yesterday."""
    return [now.date() - timedelta(days=ago) for ago in range(WEEK + 1, 0, -1)]


def _running(
    session: Session, row: StoredCohort, now: datetime, when: Callable[[datetime], str]
) -> RunningRollout:
    cohort, standing = cohorts.description(row), cohorts.standing(row)
    latest = tallies.latest(session, row.cohort_id)
    reached = measurements.together(measurements.funnel(session, row.cohort_id))
    return RunningRollout(
        cohort=row.name,
        cohort_id=row.cohort_id,
        stage=standing.stage,
        wave=standing.wave + 1,
        waves=len(cohort.waves),
        launched=reached.launched,
        members=reached.members,
        waits_for=waits_for(
            standing,
            cohort,
            latest.assessments if latest else (),
            now=now,
            when=when,
            is_switched_off=switches.is_stopped_for_everybody(session, Switch.LAUNCHES),
        ),
    )


def _holds(session: Session, rows: Sequence[StoredCohort], now: datetime) -> Iterator[HeldThing]:
    if guard := raised_guards.find_up(session, now=now):
        yield HeldThing(kind=HoldKind.GUARD, because=f"{guard.by}: {guard.reason}", since=guard.since)
    for stop in switches.open_stops(session):
        what, because = f"{stop.switch} for {stop.whom}", f"{who(stop)}: {stop.reason}"
        yield HeldThing(kind=HoldKind.SWITCH, what=what, because=because, since=stop.since)
    names = {row.cohort_id: row.name for row in rows}
    for row in rows:
        yield from _rollout_holds(row, cohorts.standing(row))
    for cohort_id, hold in slice_holds.open_ones(session):
        if cohort_id in names:
            yield HeldThing(
                kind=HoldKind.SLICE,
                cohort=names[cohort_id],
                cohort_id=cohort_id,
                what=str(hold.slice),
                because=str(hold.metric),
                since=hold.since,
            )


def _rollout_holds(row: StoredCohort, standing: Standing) -> Iterator[HeldThing]:
    if standing.stage is Stage.PAUSED:
        yield HeldThing(
            kind=HoldKind.ROLLOUT,
            cohort=row.name,
            cohort_id=row.cohort_id,
            because=standing.because,
            since=standing.since,
        )
    elif standing.suspected_at:
        yield HeldThing(
            kind=HoldKind.SUSPICION, cohort=row.name, cohort_id=row.cohort_id, since=standing.suspected_at
        )


def _waiting(
    session: Session, rows: Sequence[StoredCohort], stuck: int, now: datetime
) -> Iterator[WaitingThings]:
    counts = {
        WaitingKind.REQUESTS: len(staff_requests.waiting(session, now=now)),
        WaitingKind.END_REQUESTS: len(end_requests.waiting(session, now=now)),
        WaitingKind.ROLLOUTS: sum(cohorts.standing(row).stage is Stage.HOLDING for row in rows),
        WaitingKind.OBJECTIONS: len(objections.list_open(session)),
        WaitingKind.STUCK: stuck,
        WaitingKind.EXEMPTIONS: exempt.counts(session, now=now).due,
        WaitingKind.WEBHOOKS: sum(each.is_failing for each in subscriptions.current(session)),
    }
    yield from (WaitingThings(kind=kind, count=count) for kind, count in counts.items() if count)


def _ends(rows: Sequence[StoredCohort], now: datetime) -> Iterator[NearEnd]:
    for row in rows:
        end = cohorts.description(row).policy.end
        if end and end.at > now - LONGEST_PAST:
            yield NearEnd(
                cohort=row.name,
                cohort_id=row.cohort_id,
                at=end.at,
                days=(end.at.date() - now.date()).days,
            )


def _figures(days: Sequence[Counter[EventKind]]) -> tuple[DayFigure, ...]:
    *week, last = days
    return tuple(
        DayFigure(kind=kind, yesterday=last[kind], usual=round(sum(day[kind] for day in week) / WEEK, 1))
        for kind in HAPPENED
    )
