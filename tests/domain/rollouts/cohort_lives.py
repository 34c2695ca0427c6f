"""Lives of cohorts in numbers: who comes at risk when, who is hit when, and what every look makes of it.

Times are days since the launch. A rate is a person's chance to be hit within one window.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, exp, lgamma, log, log1p, sqrt

from domain.rollouts.confidence import (
    FALSE_FAILURES,
    FALSE_PASSES,
    Stretch,
    evidence_above,
    evidence_below,
    share,
    stretch,
)
from domain.rollouts.guardrails import Sample
from tests.clocks import START

LOOKS_A_DAY = 96
DAYS = 30
WINDOW = 7

_Z = 1.96
"""The normal quantile of a two-sided 95 percent interval."""

WAVES = ((0, 100), (3, 300), (6, 600))
"""On which day how many people begin to come at risk."""

LAST_ENTRY = 8

Judge = Callable[[int, int, Stretch], bool]
"""Whether so many hits of so many people, counted over a stretch, are a failure, or a pass."""


@dataclass(frozen=True, kw_only=True)
class CohortLife:
    """When each person came at risk, in order, and all hits, in order: the time and the person."""

    entries: Sequence[float]
    hits: Sequence[tuple[float, int]]


@dataclass(frozen=True, kw_only=True)
class OneLook:
    """What is counted at one time."""

    hits: int
    size: int
    over: Stretch


def entries(waves: Sequence[tuple[float, int]]) -> list[float]:
    """So many people from a day on, spread over two days each."""
    return sorted(day + 2 * number / people for day, people in waves for number in range(people))


def hit_evenly(draw: random.Random, coming: Sequence[float], rate: float) -> CohortLife:
    """Hits may come at any time, and again and again."""
    hazard = -log1p(-rate) / WINDOW
    hits = []
    for person, entry in enumerate(coming):
        at = entry + draw.expovariate(hazard)
        while at < DAYS:
            hits.append((at, person))
            at += draw.expovariate(hazard)
    return CohortLife(entries=coming, hits=sorted(hits))


def hit_at_once(draw: random.Random, coming: Sequence[float], rate: float) -> CohortLife:
    """A hit comes as soon as somebody is at risk, or not at all."""
    hits = [(entry, person) for person, entry in enumerate(coming) if draw.random() < rate]
    return CohortLife(entries=coming, hits=sorted(hits))


Hit = Callable[[random.Random, Sequence[float], float], CohortLife]


def lives(hit: Hit, rate: float, *, times: int) -> list[CohortLife]:
    """So many lives of a cohort of 1,000 people."""
    draw, coming = random.Random(2026), entries(WAVES)
    return [hit(draw, coming, rate) for _ in range(times)]


def looks(
    life: CohortLife, *, since: float = 0.0, until: float = DAYS, at_hits: bool = False
) -> Iterator[OneLook]:
    """What is counted every quarter of an hour; `at_hits`: only at the first look after each hit.

    Between two hits the evidence of a failure does not grow.
    """
    times = [at for at, _ in life.hits]
    numbers = (
        sorted({ceil(at * LOOKS_A_DAY) for at in times})
        if at_hits
        else range(ceil(since * LOOKS_A_DAY), int(until * LOOKS_A_DAY) + 1)
    )
    for number in numbers:
        over = _stretch_at(number)
        began, now = (over.since - START) / timedelta(days=1), number / LOOKS_A_DAY
        people = {person for _, person in life.hits[bisect_left(times, began) : bisect_right(times, now)]}
        yield OneLook(hits=len(people), size=bisect_right(life.entries, now), over=over)


def ever_fails(life: CohortLife, judge: Judge) -> bool:
    """Whether any look in a cohort's life is a failure."""
    return any(judge(look.hits, look.size, look.over) for look in looks(life, at_hits=True))


def ever_passes(life: CohortLife, judge: Judge, *, since: float = 0.0, until: float = DAYS) -> bool:
    """Whether any look between two days is a pass."""
    return any(judge(look.hits, look.size, look.over) for look in looks(life, since=since, until=until))


def fails(limit: float) -> Judge:
    """Whether a guardrail of this limit fails, as `guardrails.assess` says, without looking for the bound itself."""
    return lambda hits, size, over: (
        hits > limit * size
        and evidence_above(limit, hits=hits, size=size) >= -log(FALSE_FAILURES * share(over.number))
    )


def passes(limit: float) -> Judge:
    """Whether a guardrail of this limit passes."""
    return lambda hits, size, over: (
        hits < limit * size * over.watched
        and evidence_below(limit, hits=hits, size=size * over.watched)
        >= -log(FALSE_PASSES * share(over.number))
    )


def wilson_interval(sample: Sample, z: float = _Z) -> tuple[float, float]:
    """The range in which the true rate lies, with 95 percent confidence (Wilson 1927); 0 to 1 without data."""
    if not sample.size:
        return 0.0, 1.0
    rate, size = sample.hits / sample.size, sample.size
    scale = 1 + z * z / size
    centre = (rate + z * z / (2 * size)) / scale
    spread = z * sqrt(rate * (1 - rate) / size + z * z / (4 * size * size)) / scale
    # Exactly 0 and 1 at the ends: rounding would leave a tiny rate above 0, which a limit of 0 would not allow.
    return (
        max(centre - spread, 0.0) if sample.hits else 0.0,
        min(centre + spread, 1.0) if sample.hits < size else 1.0,
    )


def chance_to_fail(limit: float, *, rate: float, people: int) -> float:
    """The exact chance that a guardrail fails at one of the looks at 1, 2, … people within the first window."""
    judge, over = fails(limit), Stretch(since=START)
    undecided, failed, fewest = {0: 1.0}, 0.0, 0
    for size in range(1, people + 1):
        while not judge(fewest, size, over) and fewest <= size:
            fewest += 1
        after: dict[int, float] = {}
        for hits, chance in undecided.items():
            after[hits] = after.get(hits, 0.0) + chance * (1 - rate)
            after[hits + 1] = after.get(hits + 1, 0.0) + chance * rate
        failed += sum(chance for hits, chance in after.items() if hits >= fewest)
        undecided = {hits: chance for hits, chance in after.items() if hits < fewest and chance > 1e-15}
    return failed


def chance_to_pass(limit: float, *, rate: float, people: int) -> float:
    """The exact chance that a guardrail passes at one of the looks at 1, 2, … people within the first window."""
    judge, over = passes(limit), Stretch(since=START)
    undecided, passed, most = {0: 1.0}, 0.0, -1
    for size in range(1, people + 1):
        while judge(most + 1, size, over):
            most += 1
        after: dict[int, float] = {}
        for hits, chance in undecided.items():
            after[hits] = after.get(hits, 0.0) + chance * (1 - rate)
            after[hits + 1] = after.get(hits + 1, 0.0) + chance * rate
        passed += sum(chance for hits, chance in after.items() if hits <= most)
        undecided = {hits: chance for hits, chance in after.items() if hits > most and chance > 1e-15}
    return passed


def best_chance_to_fail(*, good: float, bad: float, error: float, people: int) -> float:
    """The most that any test can do: find a bad rate with the chance of taking a good one for bad held at `error`.

    By Neyman & Pearson (1933) that is the test on the number of hits, with a coin at the border.
    """
    power, left = 0.0, error
    for hits in range(people, -1, -1):
        mistaken = _binomial(hits, people, good)
        if mistaken >= left:
            return power + _binomial(hits, people, bad) * left / mistaken
        power, left = power + _binomial(hits, people, bad), left - mistaken
    return 1.0


def _binomial(hits: int, people: int, rate: float) -> float:
    ways = lgamma(people + 1) - lgamma(hits + 1) - lgamma(people - hits + 1)
    return exp(ways + hits * log(rate) + (people - hits) * log1p(-rate))


def _stretch_at(number: int) -> Stretch:
    return stretch(
        timedelta(days=WINDOW), begun_at=START, now=START + timedelta(days=1) * number / LOOKS_A_DAY
    )
