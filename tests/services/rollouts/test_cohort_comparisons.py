"""Two cohorts are compared by what is kept of their assessments: now, and at the same age."""

from datetime import datetime, timedelta

import pytest

from domain.errors import Unknown
from domain.rollouts.guardrails import Assessment, Metric, Sample, Verdict
from services.rollouts import cohort_comparisons
from services.rollouts.cohort_comparisons import StepShare
from store import Database, Session
from store.rollouts import cohorts, tallies
from store.rollouts.measurements import WaveFunnel
from tests.clocks import START
from tests.factories import make_cohort, make_guardrail

DAY = timedelta(days=1)


def make_launched(session: Session, name: str, *, at: datetime, holdout: float = 0) -> str:
    cohort = make_cohort(name=name, holdout_percent=holdout)
    return cohorts.add(session, cohort, at=at, by="olga", reason="spring has come").cohort_id


def look(session: Session, cohort_id: str, at: datetime, *, enrolled: int, rate: float | None = None) -> None:
    """An assessment of a hundred launched people; `rate` is that of lock-outs."""
    funnel = [WaveFunnel(wave=0, members=200, launched=100, passkey_enrolled=enrolled)]
    assessments = () if rate is None else (lock_outs(rate),)
    tallies.record(session, cohort_id, at=at, assessments=assessments, funnel=funnel)


def lock_outs(rate: float) -> Assessment:
    return Assessment(
        guardrail=make_guardrail(Metric.LOCK_OUTS),
        sample=Sample(hits=round(100 * rate), size=100),
        holdout=None,
        low=0.0,
        high=2 * rate,
        verdict=Verdict.INCONCLUSIVE,
    )


def test_steps_are_compared_now_and_at_the_age_of_the_younger(database: Database) -> None:
    with database.transaction() as session:
        autumn = make_launched(session, "autumn", at=START - 60 * DAY)
        spring = make_launched(session, "spring", at=START - 10 * DAY)
        for days, enrolled in ((5, 10), (9, 20), (11, 30), (60, 90)):
            look(session, autumn, START + (days - 60) * DAY, enrolled=enrolled)
        look(session, spring, START - DAY, enrolled=40)
        drawn = cohort_comparisons.draw(session, "autumn", "spring", now=START)
    assert drawn.age == 10 * DAY
    step = next(each for each in drawn.steps if each.step == "passkey_enrolled")
    assert (step.first, step.second) == (StepShare(people=90, share=0.9), StepShare(people=40, share=0.4))
    assert (step.first_then, step.second_then) == (
        StepShare(people=20, share=0.2),
        StepShare(people=40, share=0.4),
    )
    assert drawn.first.looked_at == START - 51 * DAY


def test_what_is_not_kept_is_none_and_no_nought(database: Database) -> None:
    with database.transaction() as session:
        autumn = make_launched(session, "autumn", at=START - 60 * DAY)
        make_launched(session, "spring", at=START - 10 * DAY)
        look(session, autumn, START, enrolled=90)
        drawn = cohort_comparisons.draw(session, "autumn", "spring", now=START)
    step = drawn.steps[0]
    assert (step.first_then, step.second, step.second_then) == (None, None, None)
    assert drawn.rates == ()


def test_rates_stand_beside_each_other_also_where_one_cohort_has_none(database: Database) -> None:
    with database.transaction() as session:
        autumn = make_launched(session, "autumn", at=START - 60 * DAY)
        spring = make_launched(session, "spring", at=START - 10 * DAY)
        look(session, autumn, START, enrolled=90, rate=0.02)
        look(session, spring, START, enrolled=40)
        drawn = cohort_comparisons.draw(session, "spring", "autumn", now=START)
    (rate,) = drawn.rates
    assert (rate.metric, rate.first) == (Metric.LOCK_OUTS, None)
    assert rate.second
    assert rate.second.measured == 0.02


def test_only_fields_that_differ_are_named(database: Database) -> None:
    with database.transaction() as session:
        for name, holdout in (("autumn", 0), ("spring", 10), ("twin", 10)):
            make_launched(session, name, at=START, holdout=holdout)
        drawn = cohort_comparisons.draw(session, "autumn", "spring", now=START)
        alike = cohort_comparisons.draw(session, "twin", "spring", now=START)
    assert [(each.before, each.after) for each in drawn.differences] == [("nobody", "10 %")]
    assert alike.differences == ()


def test_a_cohort_that_is_not_there_is_unknown(database: Database) -> None:
    with database.transaction() as session:
        make_launched(session, "autumn", at=START)
        with pytest.raises(Unknown):
            cohort_comparisons.draw(session, "autumn", "spring", now=START)
