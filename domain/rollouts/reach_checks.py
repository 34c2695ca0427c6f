"""Checks of a new or edited description: each percent must come to buckets of its own, or nobody would be reached.

Cohorts that were launched before these checks still load, and keep their places, so `Cohort` itself does not check.
"""

from collections.abc import Iterator, Sequence

from domain.rollouts.buckets import BUCKETS, reach
from domain.rollouts.cohorts import Cohort, Wave

LEAST_PERCENT = 100 / BUCKETS
"""One bucket, in percent."""


def reach_problems(waves: Sequence[Wave], holdout_percent: float) -> list[tuple[str, str]]:
    """The percents that round to no bucket, or to the buckets of the wave before: places, and what is wrong there.

    Percents that are out of range are left to `Cohort`, which refuses them.
    """
    problems = []
    if holdout_percent > 0 and not reach(holdout_percent):
        problems.append(
            ("holdout_percent", f"holds nobody out; the least is {LEAST_PERCENT:g}, and 0 is no holdout")
        )
    return problems + list(_wave_problems(waves))


def waves_of_the_holdout(cohort: Cohort) -> list[int]:
    """The waves, counted from 0, that reach nobody new: whom they add to the wave before is held out."""
    launchable = BUCKETS - reach(cohort.holdout_percent)
    reached = [min(reach(wave.percent), launchable) for wave in cohort.waves]
    return [number for number in range(1, len(reached)) if reached[number] <= reached[number - 1]]


def _wave_problems(waves: Sequence[Wave]) -> Iterator[tuple[str, str]]:
    before = 0
    for number, wave in enumerate(waves):
        if not 0 < wave.percent <= 100:
            continue
        reached = reach(wave.percent)
        place = f"waves[{number}].percent"
        if not reached:
            yield place, f"reaches nobody; the least is {LEAST_PERCENT:g}"
        elif reached == before and wave.percent > waves[number - 1].percent:
            yield place, f"reaches the same people as the wave before; {_next_step(before)}"
        before = reached


def _next_step(buckets: int) -> str:
    if buckets == BUCKETS:
        return "that one reaches everybody"
    return f"the next step is {f'{(buckets + 1) * LEAST_PERCENT:.2f}'.rstrip('0').rstrip('.')}"
