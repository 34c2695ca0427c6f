"""A guardrail is judged by slices and against the holdout as its description asks, from what the journal has."""

from datetime import timedelta
from typing import Any

import pytest

from domain.journal import Actor, EventKind
from domain.rollouts.guardrails import Against, Assessment, Guardrail, Metric, Verdict
from domain.rollouts.slices import Dimension
from store import Database, Session
from store.people import journal
from store.rollouts import measurements
from tests.clocks import START
from tests.factories import (
    keep_cohort,
    make_account,
    make_cohort,
    make_guardrail,
    make_member,
    make_passkey,
)

DAY = timedelta(days=1)
NOW = START + 10 * DAY
K = EventKind
BAKE = make_cohort().waves[0].bake


def judged(session: Session, cohort_id: str, guardrail: Guardrail) -> Assessment:
    return measurements.assessed(session, cohort_id, guardrail, bake=BAKE, now=NOW)


def person(
    session: Session, cohort_id: str, *kinds: EventKind, country: str = "DE", device: str = "", **changes: Any
) -> str:
    """A member to whom things happened, a day after another; returns the account."""
    account_id = make_account(session, country=country).account_id
    if device:
        make_passkey(session, account_id, platform=device)
    make_member(session, cohort_id, account_id, **changes)
    for day, kind in enumerate(kinds, start=5):
        details: dict[str, Any] = {"capable": True, "platform": device} if kind is K.PROMPT_SEEN else {}
        journal.append(session, account_id, kind, at=START + day * DAY, actor=Actor.PERSON, **details)
    return account_id


@pytest.mark.parametrize(
    ("by", "failure"),
    [
        (Dimension.WAVE, "lock_outs for wave 2"),
        (Dimension.COUNTRY, "lock_outs for country BR"),
        (Dimension.PLATFORM, "lock_outs for platform android"),
    ],
)
def test_the_slice_that_failed_is_named(database: Database, by: Dimension, failure: str) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        for _ in range(60):
            person(session, cohort_id, K.SMS_SUSPENDED, device="iPhone")
        for _ in range(30):
            person(
                session,
                cohort_id,
                K.SMS_SUSPENDED,
                K.RESCUED,
                country="BR",
                device="Android phone",
                wave=1,
            )
        assessment = judged(session, cohort_id, make_guardrail(limit=0.2, by=(by,)))
    assert (assessment.verdict, assessment.failure) == (Verdict.FAILED, failure)
    (failed,) = assessment.slices
    assert (failed.sample.hits, failed.sample.size) == (30, 30)


def test_the_platform_of_a_prompt_is_the_device_that_showed_it(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        for _ in range(30):
            person(session, cohort_id, K.PROMPT_SEEN, K.CEREMONY_FAILED, device="Windows PC")
        guardrail = make_guardrail(Metric.PROMPT_FAILURES, limit=0.2, by=(Dimension.PLATFORM,))
        assert judged(session, cohort_id, guardrail).failure == "prompt_failures for platform windows"


def test_people_of_unknown_country_count_in_the_rate_of_all_alone(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        for _ in range(30):
            account_id = make_account(session, country=None).account_id
            make_member(session, cohort_id, account_id)
            for kind in (K.SMS_SUSPENDED, K.RESCUED):
                journal.append(session, account_id, kind, at=START + 6 * DAY, actor=Actor.PERSON)
        assessment = judged(session, cohort_id, make_guardrail(limit=0.2, by=(Dimension.COUNTRY,)))
    assert (assessment.verdict, assessment.slices) == (Verdict.FAILED, ())


def test_launched_people_and_the_holdout_are_compared_by_days_at_risk(database: Database) -> None:
    """Both have 3 hits of 12 people; the launched were at risk for much less time."""
    guardrail = make_guardrail(Metric.SUPPORT_CASES, against=Against.HOLDOUT, window=7 * DAY)
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        person(session, cohort_id, K.SMS_SUSPENDED)
        for number in range(12):
            cases = (K.SUPPORT_CASE,) if number < 3 else ()
            account_id = make_member(session, cohort_id)
            for kind, day in ((K.SMS_SUSPENDED, 8), *((case, 9) for case in cases)):
                journal.append(session, account_id, kind, at=START + day * DAY, actor=Actor.PERSON)
            person(session, cohort_id, *cases, held_out=True)
        assessment = judged(session, cohort_id, guardrail)
    assert assessment.holdout is not None
    assert (assessment.sample.hits, assessment.holdout.hits) == (3, 3)
    assert assessment.sample.days == pytest.approx(5 + 9 * 2 + 3 * 1, abs=1e-3)
    assert assessment.holdout.days == pytest.approx(9 * 5, abs=1e-3)
    assert assessment.still_held_out == 12
    assert assessment.measured is not None
    assert assessment.low <= assessment.measured <= assessment.high
