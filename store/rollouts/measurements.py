"""Measures a cohort: the rates that its guardrails watch, and how far its people have come."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from domain.rollouts.cohorts import Cohort
from domain.rollouts.confidence import Stretch, stretch
from domain.rollouts.guardrails import Assessment, Guardrail, Metric, Sample
from store.people import erased_tallies
from store.people.accounts import Account, is_deleted
from store.people.erased_tallies import Likeness
from store.rollouts import cohorts, guardrail_rates, judging, progress, samples
from store.rollouts.members import Member
from store.rollouts.risk import scope_of


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How many accounts there are, and how many have come how far. Each step is counted by itself.

    Steps count launched members, or all members who are held out. `by_app` are those of `passkey_proven` who sign in by
    an authenticator app in place of a passkey, which is less than phishing-resistant; `notice` includes `suspended`,
    and both include `removed`.
    """

    members: int = 0
    launched: int = 0
    email_verified: int = 0
    passkey_enrolled: int = 0
    passkey_proven: int = 0
    by_app: int = 0
    second_route_ready: int = 0
    notice: int = 0
    suspended: int = 0
    removed: int = 0


@dataclass(frozen=True, kw_only=True)
class WaveFunnel(Reached):
    """The numbers of one wave. Without a wave they are the holdout's, or of members whom no wave reaches.

    `passed_over` are members whom a launch has come to, and who could not take part.
    """

    wave: int | None
    held_out: bool = False
    passed_over: int = 0


_FIGURE = "funnel {}"
_COUNTS = (*(field.name for field in fields(Reached)), "passed_over")


def by_wave(
    session: Session,
    cohort_id: str,
    metric: Metric,
    *,
    since: datetime,
    until: datetime | None = None,
    entered_since: datetime | None = None,
) -> dict[int, Sample]:
    """What happened since then to the people at risk of each wave; waves are counted from 0."""
    scope = scope_of(session, cohort_id, since=since, until=until, entered_since=entered_since)
    return samples.by_wave(session, scope, guardrail_rates.counted(metric, scope))


def assessed(
    session: Session,
    cohort_id: str,
    guardrail: Guardrail,
    *,
    bake: timedelta,
    now: datetime,
    entered_since: datetime | None = None,
) -> Assessment:
    """Judge one guardrail by what happened within its window, to people whose risk began from `entered_since` on.

    `bake` is how long the people of the present wave are to be watched before they speak for a pass.
    """
    over = stretch_of(session, cohort_id, guardrail, now=now, entered_since=entered_since)
    scope = scope_of(session, cohort_id, since=over.since, until=now, entered_since=entered_since)
    watched_since = now - min(bake, guardrail.window)
    return judging.judge(session, replace(scope, watched_since=watched_since), guardrail, over)


def stretch_of(
    session: Session, cohort_id: str, guardrail: Guardrail, *, now: datetime, entered_since: datetime | None
) -> Stretch:
    """The time that a guardrail looks back on: the last window, and nothing before the launch or `entered_since`."""
    begun_at = entered_since or cohorts.get(session, cohort_id).launched_at
    return stretch(guardrail.window, begun_at=begun_at, now=now)


def funnel(session: Session, cohort_id: str) -> list[WaveFunnel]:
    """How far the people of each wave have come, by what is true of them now; of erased people, by what was true then.

    Every wave has a row, launched or not. Then come members whom no wave reaches, and the holdout, if there are any.
    """
    cohort = cohorts.description(cohorts.get(session, cohort_id))
    rows = [*_funnel_rows(session, cohort_id, cohort), *_erased_rows(session, cohort_id)]
    funnels = {(row.held_out, row.wave): row for row in _added_up(rows)}
    for wave in range(len(cohort.waves)):
        funnels.setdefault((False, wave), WaveFunnel(wave=wave))
    return sorted(funnels.values(), key=lambda row: (row.held_out, row.wave is None, row.wave))


def likenesses(session: Session, account_id: str) -> Iterator[Likeness]:
    """What every funnel is to go on counting of a person who is about to be erased: how far they have come."""
    memberships = select(col(Member.cohort_id)).where(col(Member.account_id) == account_id)
    for cohort_id in session.execute(memberships.order_by(col(Member.cohort_id))).scalars().all():
        cohort = cohorts.description(cohorts.get(session, cohort_id))
        for row in _funnel_rows(session, cohort_id, cohort, account_id=account_id):
            yield erased_tallies.likeness(_FIGURE.format(cohort_id), asdict(row))


def together(rows: Sequence[WaveFunnel]) -> Reached:
    """The sums over all members who are not held out."""
    treated = [row for row in rows if not row.held_out]
    sums = {field.name: sum(getattr(row, field.name) for row in treated) for field in fields(Reached)}
    return Reached(**sums)


def _erased_rows(session: Session, cohort_id: str) -> list[WaveFunnel]:
    return [
        _times(WaveFunnel(**likeness), people)
        for likeness, people in erased_tallies.read(session, _FIGURE.format(cohort_id))
    ]


def _times(row: WaveFunnel, people: int) -> WaveFunnel:
    return replace(row, **{name: getattr(row, name) * people for name in _COUNTS})


def _added_up(rows: Sequence[WaveFunnel]) -> list[WaveFunnel]:
    places: defaultdict[tuple[bool, int | None], list[WaveFunnel]] = defaultdict(list)
    for row in rows:
        places[row.held_out, row.wave].append(row)
    return [
        replace(alike[0], **{name: sum(getattr(row, name) for row in alike) for name in _COUNTS})
        for alike in places.values()
    ]


def _funnel_rows(
    session: Session, cohort_id: str, cohort: Cohort, *, account_id: str | None = None
) -> list[WaveFunnel]:
    one_alone = () if account_id is None else (col(Member.account_id) == account_id,)
    wave = progress.wave_of(cohort).label("wave")
    sources = progress.sources()
    steps = progress.steps(cohort.policy, sources)
    taking_part = or_(col(Member.launched_at).is_not(None), col(Member.held_out))
    counts = [func.count().filter(taking_part, step).label(name) for name, step in steps.items()]
    query = (
        select(
            wave,
            col(Member.held_out),
            func.count().label("members"),
            func.count(col(Member.launched_at)).label("launched"),
            func.count(col(Member.passed_over_because)).label("passed_over"),
            *counts,
        )
        .join(Account, col(Account.account_id) == Member.account_id)
        .where(col(Member.cohort_id) == cohort_id, ~is_deleted(), *one_alone)
        .group_by(wave, col(Member.held_out))
    )
    return [WaveFunnel(**row) for row in session.execute(progress.joined(query, sources)).mappings()]
