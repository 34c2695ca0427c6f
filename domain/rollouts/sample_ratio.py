"""Whether a cohort was drawn as it was planned: far too many or too few people in a wave or the holdout.

Who is where follows from a stable hash, so the shares differ from the plan by chance alone. If they differ by more,
people were lost or moved on the way, and no comparison between them can be believed (Fabijan et al. 2019, "Diagnosing
Sample Ratio Mismatch in Online Controlled Experiments").
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, sqrt

from domain.rollouts.buckets import BUCKETS, is_held_out, reach
from domain.rollouts.cohorts import Cohort

MISMATCH = 0.0005
"""Below this probability the draw is not by chance; Fabijan et al. 2019 name this threshold."""

LEAST_EXPECTED = 5
"""The test needs so many people in each part (Cochran 1954); smaller parts are counted with their neighbour."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A wave, the holdout, or the people whom no wave reaches: how many it ought to have, and how many it has."""

    name: str
    planned: float
    drawn: int


@dataclass(frozen=True, kw_only=True)
class SampleRatio:
    """The parts of a draw, and how probable one at least as far from the plan is; None for too few people to say."""

    parts: tuple[Part, ...]
    probability: float | None

    @property
    def is_mismatch(self) -> bool:
        """Whether it is practically impossible that the draw is right."""
        return self.probability is not None and self.probability < MISMATCH


def sample_ratio(cohort: Cohort, drawn: Mapping[int, int], strays: int = 0) -> SampleRatio:
    """Compare a draw with its plan. `drawn` has the number of members of each bucket.

    `strays` are members who are held out and ought not to be, or the other way round: a single one is a mismatch.
    """
    people = sum(drawn.values())
    names = [_name(bucket, cohort) for bucket in range(BUCKETS)]
    buckets, members = Counter(names), Counter[str]()
    for bucket, count in drawn.items():
        members[names[bucket]] += count
    parts = tuple(
        Part(name=name, planned=people * buckets[name] / BUCKETS, drawn=members[name]) for name in buckets
    )
    probability = chance(_enough(parts))
    return SampleRatio(parts=parts, probability=0.0 if strays else probability)


def chance(parts: Sequence[Part]) -> float | None:
    """How probable a draw at least as far from its plan is (Pearson 1900); None if there are no two parts."""
    if len(parts) < 2:
        return None
    distance = sum((part.drawn - part.planned) ** 2 / part.planned for part in parts)
    return chi_square_survival(distance, degrees=len(parts) - 1)


def chi_square_survival(distance: float, *, degrees: int) -> float:
    """The probability that a chi-square variable of so many degrees of freedom is over a distance.

    In closed form: a sum of Poisson probabilities for even degrees, and such a sum after the normal tail for odd ones
    (Abramowitz & Stegun 1964, 26.4.4 and 26.4.5).
    """
    half = distance / 2
    if half <= 0:
        return 1.0
    begins, tail = (1.0, exp(-half)) if degrees % 2 == 0 else (0.5, erfc(sqrt(half)))
    exponents = (begins + step for step in range((degrees - 1) // 2))
    return min(tail + sum(_term(half, exponent) for exponent in exponents), 1.0)


def _term(half: float, exponent: float) -> float:
    return exp(exponent * log(half) - half - lgamma(exponent + 1))


def _name(bucket: int, cohort: Cohort) -> str:
    if is_held_out(bucket, cohort.holdout_percent):
        return "holdout"
    for number, wave in enumerate(cohort.waves, start=1):
        if bucket < reach(wave.percent):
            return f"wave {number}"
    return "no wave"


def _enough(parts: Sequence[Part]) -> list[Part]:
    """The parts that ought to have somebody, small ones counted with the next, so that each is large enough."""
    merged: list[Part] = []
    for part in sorted(parts, key=lambda part: part.planned, reverse=True):
        if merged and merged[-1].planned < LEAST_EXPECTED:
            merged[-1] = _sum(merged[-1], part)
        else:
            merged.append(part)
    if len(merged) > 1 and merged[-1].planned < LEAST_EXPECTED:
        merged[-2:] = [_sum(merged[-2], merged[-1])]
    return merged


def _sum(part: Part, neighbour: Part) -> Part:
    return Part(
        name=f"{part.name}, {neighbour.name}",
        planned=part.planned + neighbour.planned,
        drawn=part.drawn + neighbour.drawn,
    )
