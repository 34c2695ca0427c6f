"""What a rollout will take: when its waves begin and end, what may hold them, how many messages go out a day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from domain.facts import Channel, Milestone
from domain.policy import Policy
from domain.rollouts.cohorts import Cohort
from domain.rollouts.confidence import FALSE_PASSES, least_without_hits, share
from domain.rollouts.guardrails import Guardrail, Metric

FORESIGHT = timedelta(days=730)
"""How far a forecast looks ahead; a launch that takes longer than two years has no forecast."""

AFTER_SUSPENSION = frozenset(
    {Metric.LOCK_OUTS, Metric.SIGN_IN_FAILURES, Metric.SMS_RESTORES, Metric.SUPPORT_CASES}
)
"""The metrics that have nobody to measure before the first suspension."""


@dataclass(frozen=True, kw_only=True)
class WaveForecast:
    """One wave, if nothing goes wrong and nobody intervenes: its launch, and until when it is watched at least."""

    number: int
    people: int
    begins: datetime
    launched_by: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True)
class DayForecast:
    """The invitations and reminders of one day, if nobody does anything."""

    day: date
    emails: int
    texts: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Where a launch leads to, if no guardrail in doubt holds a wave for longer.

    `waves_end` is the earliest end of the last wave's bake. `earliest_end` is the first moment at which everybody can
    have left text-message codes behind; at `latest_end` everybody has, or is reported as stuck.
    """

    waves: tuple[WaveForecast, ...]
    waves_end: datetime
    earliest_end: datetime
    latest_end: datetime
    days: tuple[DayForecast, ...]

    @property
    def most_emails(self) -> DayForecast | None:
        """The day with the most e-mails."""
        return max(self.days, key=lambda day: day.emails, default=None)

    @property
    def most_texts(self) -> DayForecast | None:
        """The day with the most text messages."""
        return max(self.days, key=lambda day: day.texts, default=None)


def forecast(
    cohort: Cohort,
    people: Sequence[int],
    *,
    text_only: int,
    now: datetime,
    first_wave: int = 0,
    watched_until: datetime | None = None,
) -> Forecast | None:
    """The course of a launch that begins now.

    `people` has the number of people to start in each wave; `text_only` of them have no e-mail address. A first wave
    that is launched already is `watched_until` then.

    None if the launch windows stay closed, or the pace is too slow, for two years.
    """
    waves, starts = [], []
    ready_at = now
    for number in range(first_wave, len(cohort.waves)):
        batches = _batches(cohort, people[number], ready_at=ready_at, horizon=now + FORESIGHT)
        if batches is None:
            return None
        wave = _wave(cohort, number, batches) if batches else _empty(number, ready_at)
        if number == first_wave and watched_until and not batches:
            wave = replace(wave, ends=max(watched_until, now))
        waves.append(wave)
        starts += batches
        ready_at = _can_end(cohort, wave, starts)
    if not waves:
        return None
    last_start = max((batch.ends for batch in starts), default=now)
    return Forecast(
        waves=tuple(waves),
        waves_end=ready_at,
        earliest_end=last_start + first_suspension(cohort.policy) + cohort.policy.probation,
        latest_end=max(ready_at, last_start + _longest_way(cohort.policy)),
        days=_messages(cohort, starts, text_only=text_only, people=sum(people[first_wave:])),
    )


def first_suspension(policy: Policy) -> timedelta:
    """How soon after the launch SMS can be suspended for somebody who does everything at once."""
    proving_time = timedelta(days=policy.proving_days - 1)
    return max(proving_time + policy.notice, policy.cooling_off)


def least_to_pass(guardrail: Guardrail) -> float:
    """How many people a guardrail needs to pass if nothing happens to any of them; infinite if it never can.

    It grows with 1 / limit, at about 5 / limit, and holds for the first window of a cohort's life; later it takes more.
    """
    needed = least_without_hits(guardrail.limit, error=FALSE_PASSES * share(0))
    return max(guardrail.least_sample, needed)


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """People who are started within one opening of the launch windows."""

    begins: datetime
    ends: datetime
    people: int


def _batches(cohort: Cohort, people: int, *, ready_at: datetime, horizon: datetime) -> list[_Batch] | None:
    batches: list[_Batch] = []
    people_left, at = people, ready_at
    while people_left > 0:
        begins = cohort.windows.opens_at(at)
        if begins is None or max(begins, at) > horizon:
            return None
        closes = cohort.windows.closes_at(begins)
        room = people_left if closes is None else int((closes - begins) / timedelta(minutes=1) * cohort.pace)
        people_started = min(people_left, max(room, 1))
        ends = begins + timedelta(minutes=people_started / cohort.pace)
        ends_in_window = min(ends, closes) if closes else ends
        batches.append(_Batch(begins=begins, ends=ends_in_window, people=people_started))
        people_left, at = people_left - people_started, closes or ends
    return batches


def _wave(cohort: Cohort, number: int, batches: Sequence[_Batch]) -> WaveForecast:
    launched_by = batches[-1].ends
    return WaveForecast(
        number=number,
        people=sum(batch.people for batch in batches),
        begins=batches[0].begins,
        launched_by=launched_by,
        ends=launched_by + cohort.waves[number].bake,
    )


def _empty(number: int, ready_at: datetime) -> WaveForecast:
    """A wave that launches nobody is passed at once."""
    return WaveForecast(number=number, people=0, begins=ready_at, launched_by=ready_at, ends=ready_at)


def _can_end(cohort: Cohort, wave: WaveForecast, starts: Sequence[_Batch]) -> datetime:
    """When a wave can pass: its bake is over, and where a guardrail needs it, somebody's SMS can be suspended."""
    needs_suspensions = any(guardrail.metric in AFTER_SUSPENSION for guardrail in cohort.guardrails)
    if not needs_suspensions or not wave.people:
        return wave.ends
    return max(wave.ends, starts[0].begins + first_suspension(cohort.policy))


def _longest_way(policy: Policy) -> timedelta:
    """Every milestone at the very end of its patience, then the slowest retirement."""
    retirement = max(policy.notice, policy.cooling_off, policy.sim_swap_window) + policy.probation
    return len(Milestone) * policy.patience + retirement


def _messages(
    cohort: Cohort, starts: Sequence[_Batch], *, text_only: int, people: int
) -> tuple[DayForecast, ...]:
    """The messages of each day, by the clock of the launch windows; people without e-mail get text messages only."""
    zone = ZoneInfo(cohort.windows.time_zone)
    emails: Counter[date] = Counter()
    texts: Counter[date] = Counter()
    text_only_share = text_only / people if people else 0.0
    for batch in starts:
        for step in (cohort.policy.invitation, *cohort.policy.cadence):
            for day, reminders in _by_day(batch, step.after, zone):
                texted = reminders * text_only_share if step.channel is Channel.EMAIL else reminders
                texts[day] += ceil(texted)
                emails[day] += reminders - int(texted)
    return tuple(
        DayForecast(day=day, emails=emails[day], texts=texts[day]) for day in sorted({*emails, *texts})
    )


def _by_day(batch: _Batch, step_after: timedelta, zone: ZoneInfo) -> list[tuple[date, int]]:
    """How many people of a batch come to a step on each day; their starts are spread evenly over the batch."""
    begins, ends = (at + step_after for at in (batch.begins, batch.ends))
    first_day, last_day = begins.astimezone(zone).date(), ends.astimezone(zone).date()
    days, people_before = [], 0
    for ahead in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=ahead)
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        begun = min((midnight - begins) / max(ends - begins, timedelta.resolution), 1.0)
        people_by_midnight = round(batch.people * begun)
        days.append((day, people_by_midnight - people_before))
        people_before = people_by_midnight
    return [(day, people) for day, people in days if people]
