"""How often guardrails fail and pass in a month of looks, by bounds that hold at every look or at one."""

from collections.abc import Callable, Sequence

import typer

from domain.rollouts.confidence import Stretch
from domain.rollouts.guardrails import Sample
from tests.domain.rollouts.cohort_lives import (
    LAST_ENTRY,
    WINDOW,
    CohortLife,
    Judge,
    ever_fails,
    ever_passes,
    fails,
    hit_at_once,
    hit_evenly,
    lives,
    passes,
    wilson_interval,
)

FEWEST = 50
RATES = (0.5, 0.75, 1.0, 2.0)


def main(cohorts: int = 10_000, limit: float = 0.02) -> None:
    """Simulate so many cohorts of 1,000 people for each rate; the looks at passes are many, so a tenth of them."""
    print(
        f"{cohorts} cohorts of 1,000 people, a limit of {limit:.1%}, a look each quarter of an hour, 30 days"
    )
    print("trouble   rate of limit   ever fails: every look, one look   ever passes: every look, one look")
    for name, hit, since, until in (
        ("evenly", hit_evenly, LAST_ENTRY + WINDOW, 30),
        ("at once", hit_at_once, 0, WINDOW),
    ):
        for share in RATES:
            cohort_lives = lives(hit, share * limit, times=cohorts)
            figures = _failures(cohort_lives, limit) + _passes(
                cohort_lives[: max(cohorts // 10, 1)], limit, since, until
            )
            print(f"{name:9} {share:13}   " + "   ".join(f"{figure:12.2f} %" for figure in figures))


def _failures(cohort_lives: Sequence[CohortLife], limit: float) -> list[float]:
    judges = fails(limit), _one_look(lambda low, _: low > limit)
    return [_percent([ever_fails(life, judge) for life in cohort_lives]) for judge in judges]


def _passes(cohort_lives: Sequence[CohortLife], limit: float, since: float, until: float) -> list[float]:
    judges = passes(limit), _one_look(lambda _, high: high <= limit)
    return [
        _percent([ever_passes(life, judge, since=since, until=until) for life in cohort_lives])
        for judge in judges
    ]


def _one_look(says: Callable[[float, float], bool]) -> Judge:
    """The verdict of an interval that holds at one look, with the least sample of a guardrail's defaults."""

    def judge(hits: int, size: int, over: Stretch) -> bool:
        return size >= FEWEST and says(*wilson_interval(Sample(hits=hits, size=size)))

    return judge


def _percent(answers: Sequence[bool]) -> float:
    return 100 * sum(answers) / len(answers)


if __name__ == "__main__":
    typer.run(main)
