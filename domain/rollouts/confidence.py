"""Bounds of a rate that hold at every look, however often somebody looks and whenever somebody stops.

A look at n people, h of whom were hit, tests every rate p by a mixture of the martingales r^h / (1 + (r - 1) p)^n.
Each begins at 1. Its expectation never grows while nobody's chance of a hit, given everything before, is over p (for
r > 1) or under p (for r < 1). So the chance that the mixture ever reaches 1 / error is at most `error` (Ville 1939).
The mixture is due to Robbins (1970), confidence sequences to Howard, Ramdas, McAuliffe & Sekhon (2021); with one r it
is the sequential test of Wald (1945).

Somebody who may still be hit counts as not hit. That only lowers the lower bound. For the upper bound, `size` is best
given as the time that people were watched, in windows of one person each, so that nobody counts as spared too early.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import ceil, exp, inf, log, log1p

from domain.rollouts.bisection import crossing

FALSE_FAILURES = 0.1
"""The chance that a rate of exactly its limit ever fails in the whole life of a cohort.

It is chosen for what follows at three quarters of the limit: with factors r up to 2, the evidence to the power of 1.7
is a supermartingale there as well, for 3/4 (2^1.7 - 1) < 1.7. So a beginning with the error e fails with a chance of
e^1.7 at most, and all beginnings together with under 0.8 percent, which leaves some room below 1 percent.
"""

FALSE_PASSES = 0.025
"""The chance that a rate of exactly its limit ever passes in the whole life of a cohort."""

STARTS_PER_WINDOW = 4
"""A window begins at one of so many places in each of its lengths."""

_TERMS = range(8)
_Factors = tuple[tuple[float, float], ...]
_ABOVE: _Factors = tuple((1 + 0.5**term, 3 * 0.25 ** (term + 1)) for term in _TERMS)
"""Factors r and weights for rates above a limit. Most weight is on 2, to find twice the limit with few people.

No factor is over 2, so less than five hits never fail, whatever the limit.
"""
_BELOW: _Factors = tuple((1 - 0.5**term, 0.5 ** (term + 1)) for term in _TERMS)
"""Factors r and weights for rates below a limit; the first is for rates of nearly 0."""

_HALVINGS = 50


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The time that a look looks back on: it began at `since`, the `number`-th beginning, counted from 0.

    `watched` is its share of a window. It is 1 for the first, in which people come at risk, and the bake is what gives
    trouble the time to show.
    """

    since: datetime
    number: int = 0
    watched: float = 1.0


def stretch(window: timedelta, *, begun_at: datetime, now: datetime) -> Stretch:
    """The last `window` of time, or up to a quarter less, for people who were launched from `begun_at` on.

    It begins at one of few places, and not at another one for each look, because each beginning is a test by itself,
    and all of them share the error.
    """
    step = window / STARTS_PER_WINDOW
    number = max(ceil((now - begun_at - window) / step), 0)
    since = begun_at + number * step
    return Stretch(since=since, number=number, watched=(now - since) / window if number else 1.0)


def share(number: int) -> float:
    """The share of the error that the `number`-th beginning may spend (alpha spending, Lan & DeMets 1983).

    The shares 1/2, 1/6, 1/12 … of all beginnings come to 1, however long a cohort lives.
    """
    return 1 / ((number + 1) * (number + 2))


def lower_bound(*, hits: float, size: float, error: float) -> float:
    """The rate that the true one is above; the chance that it is ever not, at any look, is `error`. 0 without data."""
    if not hits or evidence_above(0.0, hits=hits, size=size) < -log(error):
        return 0.0
    below, _ = crossing(
        lambda rate: evidence_above(rate, hits=hits, size=size) >= -log(error),
        0.0,
        min(hits / size, 1.0),
        halvings=_HALVINGS,
    )
    return below


def upper_bound(*, hits: float, size: float, error: float) -> float:
    """The rate that the true one is below; the chance that it is ever not, at any look, is `error`. 1 without data."""
    if hits >= size:
        return 1.0
    _, above = crossing(
        lambda rate: evidence_below(rate, hits=hits, size=size) < -log(error),
        hits / size,
        1.0,
        halvings=_HALVINGS,
    )
    return above


def evidence_above(rate: float, *, hits: float, size: float) -> float:
    """The logarithm of what a stake of 1 has become that was bet on a true rate above this one."""
    return _log_mixture(_ABOVE, hits, size, rate)


def evidence_below(rate: float, *, hits: float, size: float) -> float:
    """The logarithm of what a stake of 1 has become that was bet on a true rate below this one."""
    return _log_mixture(_BELOW, hits, size, rate)


@lru_cache(maxsize=256)
def least_without_hits(rate: float, *, error: float) -> float:
    """How many people without a single hit bring the upper bound down to a rate; infinite for a rate of 0."""
    if rate <= 0:
        return inf
    if rate >= 1:
        return 1
    # The first factor is 0 and has half of the weight: it alone would take this many.
    few, enough = 0, ceil(log(2 / error) / -log1p(-rate))
    while enough - few > 1:
        between = (few + enough) // 2
        if evidence_below(rate, hits=0, size=between) >= -log(error):
            enough = between
        else:
            few = between
    return enough


def _log_mixture(factors: _Factors, hits: float, size: float, rate: float) -> float:
    logs = [
        log(weight) + (hits * log(factor) if hits else 0.0) - size * log1p((factor - 1) * rate)
        for factor, weight in factors
        if factor or (not hits and rate < 1)
    ]
    most = max(logs)
    return most + log(sum(exp(each - most) for each in logs))
