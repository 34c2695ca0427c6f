"""What is said of a rollout: where it stands, and what it waits for."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from domain.rollouts.guardrails import Against, Guardrail, Metric, Reaction, Sample, Verdict, assess
from domain.rollouts.launch_windows import LaunchWindows
from domain.rollouts.rollout import Stage, Standing
from domain.rollouts.second_looks import second_look
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
    until = START if stage is Stage.HOLDING else START + timedelta(days=3)
    return Standing(stage=stage, wave=1, since=START, bakes_until=until, because="ada: busy")


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Stage.LAUNCHING, "launching wave 2 of 2, 50 % (ada: busy)"),
        (Stage.BAKING, "baking wave 2 of 2, 50 % (ada: busy)"),
        (Stage.HOLDING, "holding wave 2 of 2, 50 % (ada: busy)"),
        (Stage.PAUSED, "paused in wave 2 of 2, 50 % (ada: busy)"),
        (Stage.DONE, "done: everybody is launched, and journeys go on (ada: busy)"),
        (Stage.ENDED, "ended: the last journey has ended (ada: busy)"),
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
            "the guardrails, since 02 Mar 12:00: “Undelivered” has measured 7 of at least 99",
        ),
        (Stage.PAUSED, "an operator, since 02 Mar 12:00: resume, abort or rollback"),
        (
            Stage.DONE,
            "the last journey to end; until then it is watched, and takes pause, abort, rollback and edit",
        ),
        (Stage.ENDED, "nothing: it is over"),
    ],
)
def test_it_is_told_what_a_rollout_waits_for(stage: Stage, said: str) -> None:
    judged = (assess(LIMIT, Sample(hits=0, size=7)),)
    assert waits_for(standing(stage), COHORT, judged, now=START, when=when) == said


def test_a_launch_outside_its_windows_waits_for_them() -> None:
    nights = replace(COHORT, windows=LaunchWindows(opens=time(22), closes=time(4)))
    said = waits_for(standing(Stage.LAUNCHING), nights, (), now=START, when=when)
    assert said == "the launch windows, which open 02 Mar 22:00"


def test_a_bake_that_is_over_waits_for_the_next_look() -> None:
    baked = replace(standing(Stage.BAKING), bakes_until=START)
    said = waits_for(baked, COHORT, (), now=START, when=when)
    assert said == "the next look at the guardrails, which decide"


@pytest.mark.parametrize("stage", [Stage.LAUNCHING, Stage.BAKING, Stage.HOLDING, Stage.DONE])
def test_after_a_first_failing_look_it_is_told_that_a_second_is_to_come(stage: Stage) -> None:
    suspected = replace(standing(stage), suspected_at=START)
    judged = (assess(LIMIT, Sample(hits=60, size=100)),)
    said = waits_for(suspected, COHORT, judged, now=START, when=when)
    assert said.startswith(
        "a second look at people who came after 02 Mar 12:00; until then nobody new is launched"
    )
    assert said.endswith("“Undelivered” is over its limit of 5.0%")


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


@pytest.mark.parametrize(
    ("metric", "sample", "holdout", "said"),
    [
        (Metric.LOCK_OUTS, Sample(hits=30, size=42), None, "8 more people decide"),
        (Metric.LOCK_OUTS, Sample(hits=30, size=49), None, "1 more person decides"),
        (Metric.UNDELIVERED, Sample(hits=30, size=42), None, "8 more messages decide"),
        (
            Metric.SUPPORT_CASES,
            Sample(hits=90, size=100),
            Sample(hits=0, size=45),
            "5 more people held out decide",
        ),
    ],
)
def test_a_small_sample_that_is_wholly_above_its_limit_says_how_many_more_decide(
    metric: Metric, sample: Sample, holdout: Sample | None, said: str
) -> None:
    against = Against.HOLDOUT if holdout else Against.LIMIT
    judged = assess(replace(LIMIT, metric=metric, against=against), sample, holdout)
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert doubt(judged) == f"is above its limit of 5.0% so far; {said}"


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (Sample(hits=0, size=0), "once, and nobody has come later whom a second look could measure"),
        (Sample(hits=1, size=20), "once, and 1 of 20 who came later do not decide it yet"),
        (Sample(hits=0, size=200), "once, and passed by 0 of 200 who came later"),
        (Sample(hits=90, size=200), "twice, the second time by 90 of 200 who came later"),
    ],
)
def test_a_second_look_is_told_with_whom_it_measured(later: Sample, said: str) -> None:
    rolls_back = replace(LIMIT, reaction=Reaction.ROLLBACK)
    failed = replace(assess(rolls_back, Sample(hits=50, size=100)), is_suspected=True)
    judged = second_look(failed, assess(rolls_back, later))
    assert doubt(judged) == f"has failed its limit of 5.0% {said}"


@pytest.mark.parametrize(
    ("limit", "against", "least"),
    [(0.05, Against.LIMIT, 99), (0.05, Against.HOLDOUT, 50), (0.0, Against.LIMIT, 50)],
)
def test_a_guardrail_tells_how_many_people_it_needs_at_least(
    limit: float, against: Against, least: int
) -> None:
    guardrail = replace(LIMIT, limit=limit, against=against)
    judged = assess(guardrail, Sample(hits=0, size=7), Sample(hits=0, size=200))
    assert doubt(judged) == f"has measured 7 of at least {least}"
