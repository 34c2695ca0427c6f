"""A failing look at everybody is followed by one at those who came later, and a rollback names the waves."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.journal import Actor, EventKind
from domain.rollouts import second_looks
from domain.rollouts.cohorts import Wave
from domain.rollouts.guardrails import Metric, Reaction, Sample, Verdict
from domain.rollouts.slices import Dimension
from store import Database
from store.people import journal
from store.rollouts import cohorts, looks, tallies
from store.rollouts.looks import Looks
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_guardrail, make_member

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WATCHED = START + 2 * DAY + min(make_cohort().waves[0].bake, make_guardrail().window)
ROLLS_BACK = make_guardrail(Metric.LOCK_OUTS, reaction=Reaction.ROLLBACK)


@pytest.fixture
def cohort_id(database: Database) -> str:
    """A launched cohort that is rolled back when too many are locked out."""
    with database.transaction() as session:
        return keep_cohort(session, make_cohort(guardrails=(ROLLS_BACK,)))


def suspend(
    database: Database, cohort_id: str, people: int, *, at: datetime, hits: int, wave: int = 0
) -> None:
    """Suspend the SMS of so many new people, of whom some are locked out within the hour."""
    with database.transaction() as session:
        for number in range(people):
            account_id = make_member(session, cohort_id, wave=wave)
            journal.append(session, account_id, EventKind.SMS_SUSPENDED, at=at, actor=Actor.JOURNEY)
            if number < hits:
                later = at + HOUR
                journal.append(session, account_id, EventKind.RESCUED, at=later, actor=Actor.PERSON)


def look(database: Database, cohort_id: str, *, at: datetime) -> Looks:
    """A look that is kept, as the rollout does it."""
    with database.transaction() as session:
        seen = looks.look(session, cohort_id, now=at)
        tallies.record(session, cohort_id, at=at, assessments=seen.assessments)
    return seen


def suspect(database: Database, cohort_id: str, *, at: datetime | None) -> None:
    """Write down what the rollout does after a first failing look, or after the end of a suspicion."""
    with database.transaction() as session:
        standing = cohorts.standing(cohorts.get(session, cohort_id))
        changed = replace(standing, suspected_at=at, version=standing.version + 1)
        cohorts.stand(session, cohort_id, changed)
        if at:
            cohorts.note(session, cohort_id, second_looks.SUSPECTED, by="guardrails", reason="failed", at=at)


def test_a_second_look_is_at_other_people_and_names_the_waves_of_both(
    database: Database, cohort_id: str
) -> None:
    suspend(database, cohort_id, 30, at=START + HOUR, hits=20)
    suspend(database, cohort_id, 10, at=START + HOUR, hits=0, wave=1)
    (judged,) = look(database, cohort_id, at=START + DAY).assessments
    assert (judged.sample, judged.is_suspected, judged.second) == (Sample(hits=20, size=40), True, None)
    suspect(database, cohort_id, at=START + DAY)

    waiting = look(database, cohort_id, at=START + DAY + HOUR)
    assert waiting.assessments[0].second == Sample(hits=0, size=0)
    assert waiting.assessments[0].second_verdict is Verdict.INCONCLUSIVE
    assert waiting.waves == ()

    suspend(database, cohort_id, 30, at=START + 2 * DAY, hits=20)
    failing = look(database, cohort_id, at=START + 3 * DAY)
    assert failing.assessments[0].second == Sample(hits=20, size=30)
    assert failing.assessments[0].second_verdict is Verdict.FAILED
    assert failing.waves == (0, 1)


def test_after_a_second_look_that_passes_only_people_count_who_came_later(
    database: Database, cohort_id: str
) -> None:
    suspend(database, cohort_id, 30, at=START + HOUR, hits=20)
    look(database, cohort_id, at=START + DAY)
    suspect(database, cohort_id, at=START + DAY)
    suspend(database, cohort_id, 120, at=START + 2 * DAY, hits=0)
    (judged,) = look(database, cohort_id, at=START + 2 * DAY + HOUR).assessments
    assert (
        judged.second_verdict is Verdict.INCONCLUSIVE
    )  # nobody has been watched for as long as the wave bakes
    (judged,) = look(database, cohort_id, at=WATCHED).assessments
    assert (judged.verdict, judged.second_verdict) == (Verdict.FAILED, Verdict.PASSED)
    suspect(database, cohort_id, at=None)

    for hour in range(1, 3):
        (judged,) = look(database, cohort_id, at=WATCHED + hour * HOUR).assessments
        assert judged.sample == Sample(hits=0, size=120)
        assert (judged.verdict, judged.is_suspected) == (Verdict.PASSED, False)
        assert judged.entered_since == START + DAY


def test_what_only_pauses_looks_once(database: Database) -> None:
    with database.transaction() as session:
        pauses = replace(ROLLS_BACK, reaction=Reaction.PAUSE)
        cohort_id = keep_cohort(session, make_cohort(guardrails=(pauses,)))
    suspend(database, cohort_id, 30, at=START + HOUR, hits=20)
    suspect(database, cohort_id, at=START + DAY)
    (judged,) = look(database, cohort_id, at=START + 2 * DAY).assessments
    assert (judged.verdict, judged.is_suspected, judged.second) == (Verdict.FAILED, False, None)


def test_a_wave_that_fails_alone_is_taken_back_alone(database: Database) -> None:
    with database.transaction() as session:
        by_wave = replace(ROLLS_BACK, limit=0.4, by=(Dimension.WAVE,))
        waves = (Wave(percent=10, bake=DAY), Wave(percent=50, bake=DAY))
        cohort_id = keep_cohort(session, make_cohort(guardrails=(by_wave,), waves=waves))
    suspend(database, cohort_id, 60, at=START + HOUR, hits=58)
    suspend(database, cohort_id, 200, at=START + HOUR, hits=0, wave=1)
    (judged,) = look(database, cohort_id, at=START + DAY).assessments
    assert (judged.failure, judged.failed_waves) == ("lock_outs for wave 1", (0,))
    suspect(database, cohort_id, at=START + DAY)
    suspend(database, cohort_id, 60, at=START + 2 * DAY, hits=58)
    suspend(database, cohort_id, 200, at=START + 2 * DAY, hits=0, wave=1)
    assert look(database, cohort_id, at=START + 3 * DAY).waves == (0,)


def test_other_people_together_do_not_clear_a_slice_that_failed(database: Database) -> None:
    with database.transaction() as session:
        by_wave = replace(ROLLS_BACK, limit=0.4, by=(Dimension.WAVE,))
        waves = (Wave(percent=10, bake=HOUR), Wave(percent=50, bake=HOUR))
        cohort_id = keep_cohort(session, make_cohort(guardrails=(by_wave,), waves=waves))
    suspend(database, cohort_id, 60, at=START + HOUR, hits=58)
    suspend(database, cohort_id, 200, at=START + HOUR, hits=0, wave=1)
    look(database, cohort_id, at=START + DAY)
    suspect(database, cohort_id, at=START + DAY)
    suspend(database, cohort_id, 200, at=START + 2 * DAY, hits=0, wave=1)
    (judged,) = look(database, cohort_id, at=START + 3 * DAY).assessments
    assert (judged.is_suspected, judged.second_verdict) == (True, Verdict.INCONCLUSIVE)


def test_nobody_speaks_for_a_pass_before_trouble_has_had_the_time_of_the_bake(database: Database) -> None:
    with database.transaction() as session:
        waves = (Wave(percent=10, bake=DAY),)
        cohort_id = keep_cohort(session, make_cohort(guardrails=(ROLLS_BACK,), waves=waves))
    suspend(database, cohort_id, 300, at=START + HOUR, hits=0)
    (judged,) = look(database, cohort_id, at=START + 2 * HOUR).assessments
    assert (judged.sample, judged.verdict) == (Sample(hits=0, size=300), Verdict.INCONCLUSIVE)
    (judged,) = look(database, cohort_id, at=START + HOUR + DAY).assessments
    assert judged.verdict is Verdict.PASSED
