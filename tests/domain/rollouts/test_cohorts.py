"""A description that contradicts itself is refused whole, and every mistake is named with its place."""

from datetime import timedelta
from typing import Any

import pytest

from domain.rollouts.cohorts import Cohort, InvalidCohort, Wave, Who
from domain.rollouts.guardrails import HOLDOUT_METRICS, Against, Metric
from domain.rollouts.launch_windows import Freeze, LaunchWindows
from tests.clocks import START
from tests.factories import make_cohort, make_guardrail

DAY = timedelta(days=1)


def waves(*percents: float) -> tuple[Wave, ...]:
    return tuple(Wave(percent=percent, bake=DAY) for percent in percents)


def problems(**changes: Any) -> list[str]:
    """The places of what is wrong."""
    with pytest.raises(InvalidCohort) as refused:
        make_cohort(**changes)
    return [place for place, _ in refused.value.problems]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": ""}, "name"),
        ({"holdout_percent": -1}, "holdout_percent"),
        ({"holdout_percent": 51}, "holdout_percent"),
        ({"pace": 0}, "pace"),
        ({"waves": ()}, "waves"),
        ({"waves": waves(0)}, "waves[0].percent"),
        ({"waves": waves(5, 101)}, "waves[1].percent"),
        ({"waves": waves(5, 5)}, "waves[1].percent"),
        ({"waves": waves(5, 20, 10)}, "waves[2].percent"),
        ({"waves": (Wave(percent=5, bake=-DAY),)}, "waves[0].bake"),
        ({"assess_every": timedelta(milliseconds=999)}, "assess_every"),
        ({"exclude": Who()}, "exclude"),
        ({"windows": LaunchWindows(weekdays=())}, "windows.weekdays"),
        ({"windows": LaunchWindows(time_zone="Mars/Olympus")}, "windows.time_zone"),
        (
            {"windows": LaunchWindows(freezes=(Freeze(begins=START, ends=START, reason="sale"),))},
            "windows.freezes[0].ends",
        ),
        ({"guardrails": (make_guardrail(limit=1.1),)}, "guardrails[0].limit"),
        ({"guardrails": (make_guardrail(least_sample=0),)}, "guardrails[0].least_sample"),
        ({"guardrails": (make_guardrail(), make_guardrail(window=timedelta()))}, "guardrails[1].window"),
    ],
)
def test_a_mistake_is_named_with_its_place(changes: dict[str, Any], place: str) -> None:
    assert problems(**changes) == [place]


def test_every_mistake_is_named_at_once() -> None:
    wrong = {"name": "", "pace": 0, "waves": waves(20, 10), "guardrails": (make_guardrail(limit=-1),)}
    assert problems(**wrong) == ["name", "pace", "waves[1].percent", "guardrails[0].limit"]


def test_the_refusal_reads_as_places_and_mistakes() -> None:
    with pytest.raises(InvalidCohort, match=r"^name: is empty; pace: must be 1 or more journeys a minute$"):
        make_cohort(name="", pace=0)


@pytest.mark.parametrize("metric", Metric)
def test_only_what_the_holdout_has_too_is_compared_with_it(metric: Metric) -> None:
    guardrails = (make_guardrail(metric, against=Against.HOLDOUT),)
    if metric in HOLDOUT_METRICS:
        assert make_cohort(guardrails=guardrails).guardrails == guardrails
    else:
        assert problems(guardrails=guardrails) == ["guardrails[0].against"]


def test_there_must_be_a_holdout_to_compare_with() -> None:
    guardrails = (make_guardrail(Metric.UNDELIVERED, against=Against.HOLDOUT),)
    assert problems(guardrails=guardrails, holdout_percent=0) == ["guardrails[0].against"]


def test_the_widest_and_the_narrowest_are_fine() -> None:
    widest: Cohort = make_cohort(
        holdout_percent=50, waves=waves(0.01, 100), assess_every=timedelta(seconds=1)
    )
    assert widest.waves[-1].percent == 100
    assert make_cohort(holdout_percent=0, pace=1).exclude is None


@pytest.mark.parametrize(("limit", "is_fine"), [(-0.001, False), (0, True), (1, True), (1.001, False)])
def test_a_limit_is_a_rate_from_none_to_all(limit: float, *, is_fine: bool) -> None:
    if is_fine:
        assert make_cohort(guardrails=(make_guardrail(limit=limit),)).guardrails[0].limit == limit
    else:
        assert problems(guardrails=(make_guardrail(limit=limit),)) == ["guardrails[0].limit"]
