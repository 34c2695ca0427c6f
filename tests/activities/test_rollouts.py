"""What follows from an assessment: a rollback takes two looks, everything else takes one."""

from dataclasses import replace

from activities.rollouts import judgement
from domain.rollouts.guardrails import Assessment, Metric, Reaction, Sample, Verdict, assess
from tests.clocks import START
from tests.factories import make_guardrail

BAD, GOOD = Sample(hits=60, size=200), Sample(hits=0, size=200)
PAUSE = assess(make_guardrail(Metric.UNDELIVERED, reaction=Reaction.PAUSE), BAD)
SUSPECTED = replace(
    assess(make_guardrail(Metric.LOCK_OUTS, reaction=Reaction.ROLLBACK), BAD), is_suspected=True
)


def looked_twice(verdict: Verdict) -> Assessment:
    return replace(SUSPECTED, second=GOOD, second_verdict=verdict)


def test_a_first_failing_look_is_a_suspicion_and_no_reaction() -> None:
    judged = judgement((SUSPECTED,))
    assert (judged.verdict, judged.failed) == (Verdict.FAILED, ("lock_outs",))
    assert (judged.reaction, judged.is_suspected, judged.is_cleared) == (None, True, False)


def test_a_second_failing_look_rolls_back_the_waves_it_came_from() -> None:
    judged = judgement((looked_twice(Verdict.FAILED), PAUSE), suspected_at=START, waves=(0, 1))
    assert (judged.reaction, judged.waves) == (Reaction.ROLLBACK, (0, 1))
    assert (judged.is_suspected, judged.is_cleared) == (False, False)


def test_a_second_look_in_doubt_waits() -> None:
    judged = judgement((looked_twice(Verdict.INCONCLUSIVE),), suspected_at=START)
    assert (judged.reaction, judged.is_suspected, judged.is_cleared) == (None, True, False)


def test_a_second_look_that_passes_clears() -> None:
    judged = judgement((looked_twice(Verdict.PASSED),), suspected_at=START)
    assert (judged.reaction, judged.is_suspected, judged.is_cleared) == (None, False, True)


def test_a_suspicion_whose_guardrail_was_edited_away_is_over() -> None:
    assert judgement((), suspected_at=START).is_cleared
    assert not judgement(()).is_cleared


def test_what_pauses_does_so_beside_a_suspicion() -> None:
    judged = judgement((SUSPECTED, PAUSE))
    assert (judged.reaction, judged.is_suspected) == (Reaction.PAUSE, True)
