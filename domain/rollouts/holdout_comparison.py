"""Compares launched people with the holdout by their time at risk, with bounds that hold at every look.

Most launched people have been at risk for days when the holdout has been for weeks, so people are no measure: twice the
hazard in half of the time makes as many hits. What is compared is events by time at risk (Breslow & Day 1987, II, 2.2).

The excess is tested as a whole, whatever the holdout's own rate is. For every factor r, r^events / exp((r - 1) rate
time) is a martingale of a counting process of that rate. A mixture of them over factors bets against one rate, and the
product of two mixtures bets against a pair: a rate of the holdout's, and that rate and an excess for launched people.
An excess is ruled out when the bet against every such pair has won 1 / error (Ville 1939; Howard, Ramdas, McAuliffe &
Sekhon 2021; over a nuisance rate: Wasserman, Ramdas & Balakrishnan 2020). The conditional binomial test of two Poisson
rates (Przyborowski & Wilenski 1940) would ask the same of a ratio, and may be asked only once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log

from domain.rollouts.bisection import crossing

FALSE_FAILURES = 0.01
"""The chance that an excess of at most the limit ever fails, in the whole life of a cohort."""

FALSE_PASSES = 0.025
"""The chance that an excess over the limit ever passes."""

_TERMS = range(8)
_ABOVE = tuple((1 + 0.5**term, 0.5 ** (term + 1)) for term in _TERMS)
_BELOW = tuple((1 - 0.5**term, 0.5 ** (term + 1)) for term in _TERMS)
_STEPS = 36
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, kw_only=True)
class Arm:
    """How many events there were, and the time at risk, in the unit that the rate is in."""

    events: int
    time: float


def excess_bounds(launched: Arm, holdout: Arm, *, left: float = 1.0) -> tuple[float, float]:
    """Between which values the excess of the launched people's rate over the holdout's lies, at every look.

    `left` is the share of both errors that may be spent. Without time at risk nothing is known, and they are -1 and 1.
    """
    if launched.time <= 0 or holdout.time <= 0:
        return -1.0, 1.0
    rate = launched.events / launched.time - holdout.events / holdout.time
    most = _reach(launched) + _reach(holdout)
    low = _crossing(
        lambda excess: is_over(launched, holdout, excess, error=FALSE_FAILURES * left), -most, rate
    )
    high = _crossing(
        lambda excess: not is_under(launched, holdout, excess, error=FALSE_PASSES * left), rate, most
    )
    return low, high


def is_over(launched: Arm, holdout: Arm, excess: float, *, error: float) -> bool:
    """Whether the launched people's rate exceeds the holdout's by more than that; ever wrong with chance `error`."""
    return _least_bet(launched, _ABOVE, holdout, _BELOW, excess) >= -log(error)


def is_under(launched: Arm, holdout: Arm, excess: float, *, error: float) -> bool:
    """Whether the launched people's rate is over the holdout's by less than an excess."""
    return _least_bet(launched, _BELOW, holdout, _ABOVE, excess) >= -log(error)


_Factors = Sequence[tuple[float, float]]
_Lines = Sequence[tuple[float, float]]


def _least_bet(
    launched: Arm, launched_factors: _Factors, holdout: Arm, holdout_factors: _Factors, excess: float
) -> float:
    """The logarithm of the bet against the pair of rates that it does worst against; it is convex in the rate."""
    launched_lines, holdout_lines = _lines(launched_factors, launched), _lines(holdout_factors, holdout)
    low = max(-excess, 0.0)
    return _minimum(
        lambda rate: _log_bet(launched_lines, rate + excess) + _log_bet(holdout_lines, rate),
        low,
        low + _reach(launched) + _reach(holdout),
    )


def _lines(factors: _Factors, arm: Arm) -> _Lines:
    """The logarithm of each factor's martingale as a line over the rate: where it begins, and how steeply it falls."""
    return [
        (log(weight) + (arm.events * log(factor) if arm.events else 0.0), (factor - 1) * arm.time)
        for factor, weight in factors
        if factor > 0 or not arm.events
    ]


def _log_bet(lines: _Lines, rate: float) -> float:
    """The logarithm of what a bet against one rate has made of a stake of 1."""
    logs = [begins - falls * rate for begins, falls in lines]
    most = max(logs)
    return most + log(sum([exp(each - most) for each in logs]))


def _reach(arm: Arm) -> float:
    """A rate that no bound comes near."""
    return (4 * arm.events + 60) / arm.time


def _minimum(value: Callable[[float], float], low: float, high: float) -> float:
    """The least value of a convex function, by golden section (Kiefer 1953)."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(_STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = value(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = value(right)
    return min(at_left, at_right, value(low))


def _crossing(is_before: Callable[[float], bool], low: float, high: float) -> float:
    """Where `is_before` turns from true to false."""
    return sum(crossing(is_before, low, high, halvings=_STEPS)) / 2
