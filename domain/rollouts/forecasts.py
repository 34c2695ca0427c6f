"""What a rollout will take: when its waves begin and end, what may hold them, how many messages go out a day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, inf
from zoneinfo import ZoneInfo

from domain.facts import Channel, Milestone
from domain.policy import Policy
from domain.rollouts.cohorts import Cohort
from domain.rollouts.guardrails import CONFIDENCE_Z, Guardrail, Metric

FORESIGHT = timedelta(days=730)
"""How far ahead is looked; a launch that takes longer than two years is told as such."""

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
    """The messages of one day that invite and remind, if nobody does anything."""

    day: date
    emails: int
    texts: int


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Where a launch leads to. Guardrails in doubt hold a wave for longer; `latest_end` counts from `waves_end`.

    `waves_end` is the end of the last wave's bake at the earliest. `earliest_end` is when the last one to be
    launched can have left text-message codes behind; `latest_end` when everybody has, or is reported as stuck.
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
    cohort: Cohort, people: Sequence[int], *, text_only: int, now: datetime, first_wave: int = 0
) -> Forecast | None:
    """The course of a launch that begins now, with so many people to start in each wave.

    None if the launch windows stay closed, or the pace is too slow, for two years.
    """
    waves, starts = [], []
    ready = now
    for number in range(first_wave, len(cohort.waves)):
        batches = _batches(cohort, people[number], ready=ready, horizon=now + FORESIGHT)
        if batches is None:
            return None
        wave = _wave(cohort, number, people[number], ready, batches)
        waves.append(wave)
        starts += batches
        ready = _can_end(cohort, wave, starts)
    if not waves:
        return None
    last = max((batch.ends for batch in starts), default=now)
    return Forecast(
        waves=tuple(waves),
        waves_end=ready,
        earliest_end=last + first_suspension(cohort.policy) + cohort.policy.probation,
        latest_end=max(ready, last + _longest_way(cohort.policy)),
        days=_messages(cohort, starts, text_only=text_only, people=sum(people[first_wave:])),
    )


def first_suspension(policy: Policy) -> timedelta:
    """How soon after the launch SMS can be suspended for somebody who does everything at once."""
    proven = timedelta(days=policy.proving_days - 1)
    return max(proven + policy.notice, policy.cooling_off)


def least_to_pass(guardrail: Guardrail) -> float:
    """From how many people on a guardrail can pass, even if nothing happens to any of them; infinite if never.

    The upper Wilson bound of no hits among n is z² / (n + z²).
    """
    if guardrail.limit <= 0:
        return inf
    needed = CONFIDENCE_Z**2 * (1 - guardrail.limit) / guardrail.limit
    return max(guardrail.least_sample, ceil(round(needed, 6)), 1)


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """People who are started within one opening of the launch windows."""

    begins: datetime
    ends: datetime
    people: int


def _batches(cohort: Cohort, people: int, *, ready: datetime, horizon: datetime) -> list[_Batch] | None:
    batches: list[_Batch] = []
    left, at = people, ready
    while left > 0:
        begins = cohort.windows.opens_at(at)
        if begins is None or max(begins, at) > horizon:
            return None
        closes = cohort.windows.closes_at(begins)
        room = left if closes is None else int((closes - begins) / timedelta(minutes=1) * cohort.pace)
        started = min(left, max(room, 1))
        ends = begins + timedelta(minutes=started / cohort.pace)
        batches.append(_Batch(begins=begins, ends=min(ends, closes) if closes else ends, people=started))
        left, at = left - started, closes or ends
    return batches


def _wave(
    cohort: Cohort, number: int, people: int, ready: datetime, batches: Sequence[_Batch]
) -> WaveForecast:
    launched_by = batches[-1].ends if batches else ready
    return WaveForecast(
        number=number,
        people=people,
        begins=batches[0].begins if batches else ready,
        launched_by=launched_by,
        ends=launched_by + cohort.waves[number].bake,
    )


def _can_end(cohort: Cohort, wave: WaveForecast, starts: Sequence[_Batch]) -> datetime:
    """When a wave can pass: its bake is over, and where a guardrail needs it, somebody's SMS can be suspended."""
    needs_suspensions = any(guardrail.metric in AFTER_SUSPENSION for guardrail in cohort.guardrails)
    if not needs_suspensions or not starts:
        return wave.ends
    return max(wave.ends, starts[0].begins + first_suspension(cohort.policy))


def _longest_way(policy: Policy) -> timedelta:
    """Every milestone at the very end of its patience, then the slowest retirement."""
    retirement = max(policy.notice, policy.cooling_off, policy.sim_swap_window) + policy.probation
    return len(Milestone) * policy.patience + retirement


def _messages(
    cohort: Cohort, starts: Sequence[_Batch], *, text_only: int, people: int
) -> tuple[DayForecast, ...]:
    """By the clocks of the launch windows; who has no e-mail address gets every reminder as a text message."""
    zone = ZoneInfo(cohort.windows.time_zone)
    emails: Counter[date] = Counter()
    texts: Counter[date] = Counter()
    share = text_only / people if people else 0.0
    for batch in starts:
        for step in (cohort.policy.invitation, *cohort.policy.cadence):
            for day, started in _by_day(batch, step.after, zone):
                texted = started * share if step.channel is Channel.EMAIL else started
                texts[day] += ceil(texted)
                emails[day] += started - int(texted)
    return tuple(
        DayForecast(day=day, emails=emails[day], texts=texts[day]) for day in sorted({*emails, *texts})
    )


def _by_day(batch: _Batch, after: timedelta, zone: ZoneInfo) -> list[tuple[date, int]]:
    """How many of a batch come to a step on which day; starts are spread evenly over the batch."""
    begins, ends = (at + after for at in (batch.begins, batch.ends))
    first, last = begins.astimezone(zone), ends.astimezone(zone)
    days, before = [], 0
    for ahead in range((last.date() - first.date()).days + 1):
        day = first.date() + timedelta(days=ahead)
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        done = min((midnight - begins) / (ends - begins), 1.0) if ends > begins else 1.0
        upto = round(batch.people * done)
        days.append((day, upto - before))
        before = upto
    return [(day, people) for day, people in days if people]
