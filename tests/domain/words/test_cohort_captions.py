"""What is said of a rollout: where it stands, and what it waits for."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from domain.rollouts.guardrails import Against, Guardrail, Metric, Reaction, Sample, assess
from domain.rollouts.launch_windows import LaunchWindows
from domain.rollouts.rollout import Stage, Standing
from domain.words.cohort_captions import doubt, headline, waits_for
from services.rollouts.cohort_files import parse
from tests.clocks import START

COHORT = parse('name = "spring"\nwaves = [{percent = 1}, {percent = 0.5e2}]')
LIMIT = Guardrail(
    metric=Metric.UNDELIVERED,
    limit=0.05,
    least_sample=50,
    window=timedelta(days=7),
    reaction=Reaction.PAUSE,
)


def when(at: datetime) -> str:
    return f"{at:%d %b %H:%M}"


def standing(stage: Stage) -> Standing:
    return Standing(
        stage=stage, wave=1, since=START, bakes_until=START + timedelta(days=3), because="ada: busy"
    )


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Stage.LAUNCHING, "launching wave 2 of 2, 50 % (ada: busy)"),
        (Stage.BAKING, "watching wave 2 of 2, 50 % (ada: busy)"),
        (Stage.HOLDING, "holding wave 2 of 2, 50 % (ada: busy)"),
        (Stage.PAUSED, "paused in wave 2 of 2, 50 % (ada: busy)"),
        (Stage.DONE, "done: every wave has been launched and watched (ada: busy)"),
        (Stage.ABORTED, "aborted (ada: busy)"),
        (Stage.ROLLED_BACK, "rolled back (ada: busy)"),
    ],
)
def test_a_headline_tells_stage_wave_and_why(stage: Stage, said: str) -> None:
    assert headline(standing(stage), COHORT) == said


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Stage.LAUNCHING, "the rest of the wave, at 60 journeys a minute"),
        (Stage.BAKING, "the end of the wave's bake, 05 Mar 12:00; then the guardrails decide"),
        (
            Stage.HOLDING,
            "the guardrails, since 02 Mar 12:00: “Messages not delivered” has measured 7 of at least 50",
        ),
        (Stage.PAUSED, "an operator, since 02 Mar 12:00: resume, abort or rollback"),
        (Stage.DONE, "nothing: it is over"),
    ],
)
def test_it_is_told_what_a_rollout_waits_for(stage: Stage, said: str) -> None:
    judged = (assess(LIMIT, Sample(hits=0, size=7)),)
    assert waits_for(standing(stage), COHORT, judged, now=START, when=when) == said


def test_a_launch_outside_its_windows_waits_for_them() -> None:
    nights = replace(COHORT, windows=LaunchWindows(opens=time(22), closes=time(4)))
    said = waits_for(standing(Stage.LAUNCHING), nights, (), now=START, when=when)
    assert said == "the launch windows, which open 02 Mar 22:00"


@pytest.mark.parametrize(
    ("sample", "holdout", "said"),
    [
        (Sample(hits=50, size=100), None, "is over its limit of 5.0%"),
        (
            Sample(hits=5, size=100),
            None,
            "may be on either side of its limit of 5.0%",
        ),
        (
            Sample(hits=0, size=100),
            Sample(hits=0, size=9),
            "has measured 9 of at least 50 held out",
        ),
    ],
)
def test_doubt_is_told_in_a_few_words(sample: Sample, holdout: Sample | None, said: str) -> None:
    guardrail = replace(LIMIT, against=Against.HOLDOUT) if holdout else LIMIT
    assert doubt(assess(guardrail, sample, holdout)) == said
