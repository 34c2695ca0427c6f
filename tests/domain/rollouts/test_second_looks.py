"""A rollback by itself takes a second look at other people, and a suspicion that has ended does not come back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rollouts import second_looks
from domain.rollouts.guardrails import Assessment, Guardrail, Metric, Reaction, Sample, Verdict, assess
from tests.clocks import START

DAY = timedelta(days=1)
ROLLS_BACK = Guardrail(
    metric=Metric.LOCK_OUTS, limit=0.05, least_sample=50, window=7 * DAY, reaction=Reaction.ROLLBACK
)
PAUSES = replace(ROLLS_BACK, reaction=Reaction.PAUSE)
BAD, GOOD, OPEN = Sample(hits=60, size=200), Sample(hits=0, size=200), Sample(hits=2, size=20)
SAMPLES = st.sampled_from([BAD, GOOD, OPEN])


def first(
    sample: Sample, previous: Assessment | None = None, *, is_under_suspicion: bool = False
) -> Assessment:
    return second_looks.first_look(
        assess(ROLLS_BACK, sample),
        previous,
        suspected_at=START if is_under_suspicion else None,
        entered_since=None,
    )


def twice(one: Sample, later: Sample) -> Assessment:
    return second_looks.second_look(first(one), assess(ROLLS_BACK, later))


@given(SAMPLES)
def test_a_first_look_never_rolls_back(sample: Sample) -> None:
    assert not second_looks.rolls_back(first(sample))
    assert first(sample).is_suspected == (sample == BAD)


@given(SAMPLES, SAMPLES)
def test_only_two_failures_roll_back_and_only_a_pass_clears(one: Sample, later: Sample) -> None:
    looked_twice = twice(one, later)
    assert second_looks.rolls_back(looked_twice) == (one == BAD and later == BAD)
    assert second_looks.is_cleared([looked_twice]) == (one != BAD or later == GOOD)


def test_what_only_pauses_is_never_suspected() -> None:
    judged = second_looks.first_look(assess(PAUSES, BAD), None, suspected_at=None, entered_since=None)
    assert (judged.verdict, judged.is_suspected) == (Verdict.FAILED, False)


def test_a_suspicion_outlasts_a_first_look_that_recovers() -> None:
    assert first(OPEN, first(BAD), is_under_suspicion=True).is_suspected
    assert not first(OPEN, first(BAD)).is_suspected
    assert not first(OPEN, first(OPEN), is_under_suspicion=True).is_suspected


@pytest.mark.parametrize(
    ("previous", "is_under_suspicion", "expected"),
    [(None, False, None), (GOOD, False, None), (BAD, True, None), (BAD, False, START + DAY)],
)
def test_when_a_suspicion_has_ended_only_people_count_who_came_after_it(
    previous: Sample | None, is_under_suspicion: bool, expected: object
) -> None:
    begins = second_looks.begins_anew(
        ROLLS_BACK,
        first(previous) if previous else None,
        suspected_at=START + DAY if is_under_suspicion else None,
        last_suspected_at=START + DAY,
    )
    assert begins == expected


def test_a_count_that_began_anew_goes_on() -> None:
    previous = replace(first(GOOD), entered_since=START)
    begins = second_looks.begins_anew(ROLLS_BACK, previous, suspected_at=None, last_suspected_at=START)
    assert begins == START


def test_an_edited_guardrail_has_no_past() -> None:
    kept = [first(BAD)]
    assert second_looks.previous_of(ROLLS_BACK, kept) == kept[0]
    assert second_looks.previous_of(replace(ROLLS_BACK, limit=0.06), kept) is None
