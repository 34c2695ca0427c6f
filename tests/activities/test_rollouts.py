"""What follows from an assessment: a rollback takes two looks, everything else takes one."""

from dataclasses import replace
from datetime import timedelta

from activities.rollouts import judgement
from activities.slice_holds import follow
from domain.rollouts.guardrails import Assessment, FailedSlice, Metric, Reaction, Sample, Verdict, assess
from domain.rollouts.slice_verdicts import with_slices
from domain.rollouts.slices import Dimension, Slice
from store import Database
from store.rollouts import cohorts, slice_holds
from tests.clocks import START
from tests.factories import keep_cohort, make_guardrail

WEEK = timedelta(days=7)

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


def held(verdict_sample: Sample, *slices: FailedSlice) -> Assessment:
    guardrail = make_guardrail(Metric.PROMPT_FAILURES, reaction=Reaction.HOLD_SLICE, by=(Dimension.BROWSER,))
    return with_slices(assess(guardrail, verdict_sample), slices)


BROKEN = FailedSlice(slice=Slice(by=Dimension.BROWSER, value="Chrome 131"), sample=BAD, low=0.2)


def test_a_slice_that_is_held_stops_nothing_else() -> None:
    judged = judgement((held(GOOD, BROKEN),))
    assert (judged.verdict, judged.reaction, judged.failed) == (Verdict.PASSED, None, ())


def test_where_a_failing_slice_explains_all_of_it_nobody_else_is_paused() -> None:
    assert judgement((held(BAD, BROKEN),)).reaction is Reaction.NOTIFY


def test_where_no_slice_explains_it_the_rollout_pauses() -> None:
    assert judgement((held(BAD),)).reaction is Reaction.PAUSE


def test_holds_are_kept_told_and_ended_once(sqlite_database: Database) -> None:
    told: list[str] = []
    with sqlite_database.transaction() as session:
        cohort_id = keep_cohort(session)
        for at in (START, START + WEEK):
            follow(session, cohort_id, (held(GOOD, BROKEN),), at=at, tell=told.append)
        assert [hold.slice for hold in slice_holds.of_cohort(session, cohort_id)] == [BROKEN.slice]
        follow(session, cohort_id, (held(GOOD),), at=START + WEEK, tell=told.append)
        assert not slice_holds.of_cohort(session, cohort_id, only_open=True)
        kinds = [entry.kind for entry in cohorts.entries(session, cohort_id)]
    assert told == ["prompt_failures for browser Chrome 131"]
    assert kinds == ["slice_released", "slice_held", "launch"]
