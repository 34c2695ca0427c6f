"""A slice that fails is spared the prompt, alone, until its failures are old, or until an operator says otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.rollouts.guardrails import Assessment, FailedSlice, Metric, Reaction, Sample, Verdict, assess
from domain.rollouts.slice_holds import GUARDRAILS, SliceHold, to_begin, to_end
from domain.rollouts.slice_verdicts import failed_slices, with_slices
from domain.rollouts.slices import MOST_BROWSERS, MOST_PROVIDERS, Dimension, Slice
from providers import authenticators
from tests.clocks import START
from tests.factories import make_guardrail

BROKEN = Slice(by=Dimension.BROWSER, value="Chrome 131")
GUARDRAIL = make_guardrail(
    Metric.PROMPT_FAILURES, limit=0.2, reaction=Reaction.HOLD_SLICE, by=(Dimension.BROWSER,)
)
WINDOW = GUARDRAIL.window
HOLD = SliceHold(hold_id="1", slice=BROKEN, metric=Metric.PROMPT_FAILURES, since=START)


def judged(*slices: Slice) -> Assessment:
    failures = tuple(FailedSlice(slice=each, sample=Sample(hits=9, size=10), low=0.5) for each in slices)
    return with_slices(assess(GUARDRAIL, Sample(hits=10, size=1000)), failures)


def test_a_failing_slice_is_held_and_the_cohort_is_not_judged_by_it() -> None:
    assessment = judged(BROKEN)
    assert assessment.verdict is Verdict.PASSED
    ((guardrail, failed),) = to_begin([assessment], [], now=START)
    assert (guardrail, failed.slice) == (GUARDRAIL, BROKEN)


def test_a_guardrail_with_another_reaction_holds_nothing() -> None:
    pausing = replace(judged(BROKEN), guardrail=replace(GUARDRAIL, reaction=Reaction.PAUSE))
    assert to_begin([pausing], [], now=START) == []


def test_a_slice_that_fails_by_one_metric_over_two_windows_is_held_once() -> None:
    longer = replace(judged(BROKEN), guardrail=replace(GUARDRAIL, window=2 * WINDOW))
    assert len(to_begin([judged(BROKEN), longer], [], now=START)) == 1


def test_what_is_held_is_not_held_twice() -> None:
    assert to_begin([judged(BROKEN)], [HOLD], now=START) == []


@pytest.mark.parametrize(("after", "is_held_anew"), [(WINDOW - timedelta(seconds=1), False), (WINDOW, True)])
def test_what_an_operator_has_lifted_is_not_held_by_the_same_failures(
    after: timedelta, is_held_anew: bool
) -> None:
    lifted = replace(HOLD, ended_at=START, ended_by="olga")
    assert bool(to_begin([judged(BROKEN)], [lifted], now=START + after)) is is_held_anew
    by_itself = replace(HOLD, ended_at=START, ended_by=GUARDRAILS)
    assert to_begin([judged(BROKEN)], [by_itself], now=START + after)


@pytest.mark.parametrize(("after", "is_over"), [(WINDOW - timedelta(seconds=1), False), (WINDOW, True)])
def test_a_hold_lasts_until_its_failures_have_left_the_window(after: timedelta, is_over: bool) -> None:
    assert bool(to_end([judged()], [HOLD], now=START + after)) is is_over


def test_a_hold_goes_on_while_people_who_ask_by_themselves_still_fail() -> None:
    assert to_end([judged(BROKEN)], [HOLD], now=START + 3 * WINDOW) == []


def test_a_hold_whose_guardrail_is_gone_is_over() -> None:
    assert to_end([], [HOLD], now=START) == [HOLD]


def test_too_few_people_are_never_a_verdict() -> None:
    few = {Dimension.BROWSER: {"Chrome 131": Sample(hits=9, size=9)}}
    assert failed_slices(GUARDRAIL, few, counts={Dimension.BROWSER: MOST_BROWSERS}) == ()


def test_there_is_room_for_every_provider() -> None:
    assert len(set(authenticators._NAMES.values())) <= MOST_PROVIDERS
