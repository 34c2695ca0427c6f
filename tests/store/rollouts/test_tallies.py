"""Every assessment is kept, once for its time, and a curve has no more points than it can show."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from domain.rollouts.guardrails import Against, Metric, Sample, assess
from store import Database
from store.rollouts import tallies
from store.rollouts.measurements import Reached, WaveFunnel
from store.rollouts.tallies import CohortTally
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_guardrail

MINUTE = timedelta(minutes=1)
ASSESSED = (
    assess(make_guardrail(Metric.LOCK_OUTS), Sample(hits=3, size=200)),
    assess(
        make_guardrail(Metric.UNDELIVERED, against=Against.HOLDOUT),
        Sample(hits=3, size=200),
        Sample(hits=0, size=7),
    ),
)
FUNNEL = (
    WaveFunnel(wave=0, members=5, launched=5, email_verified=4, suspended=1),
    WaveFunnel(wave=1, members=95, launched=10, email_verified=2),
    WaveFunnel(wave=None, held_out=True, members=10, email_verified=9),
)


@pytest.fixture
def cohort_id(database: Database) -> str:
    """A launched cohort without members."""
    with database.transaction() as session:
        return keep_cohort(session)


def record(database: Database, cohort_id: str, at: datetime, launched: int = 0) -> None:
    with database.transaction() as session:
        funnel = [WaveFunnel(wave=0, launched=launched)]
        tallies.record(session, cohort_id, at=at, assessments=(), funnel=funnel)


def curve(
    database: Database, cohort_id: str, *, points: int = 200, since: datetime | None = None
) -> list[int]:
    with database.reading() as session:
        series = tallies.series(session, cohort_id, points=points, since=since)
    return [tally.reached.launched for tally in series]


def test_what_was_judged_comes_back_as_it_was(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        assert tallies.latest_assessments(session, cohort_id) is None
        tallies.record(session, cohort_id, at=START, assessments=ASSESSED, funnel=FUNNEL)
        tallies.record(session, cohort_id, at=START + MINUTE, assessments=ASSESSED[:1])
    with database.reading() as session:
        assert tallies.latest_assessments(session, cohort_id) == (START + MINUTE, ASSESSED[:1])
        first, second = tallies.series(session, cohort_id)
    assert (first.at, first.assessments) == (START, ASSESSED)
    assert (second.at, second.reached) == (START + MINUTE, Reached())


def test_a_tally_leaves_the_holdout_out(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        tallies.record(session, cohort_id, at=START, assessments=(), funnel=FUNNEL)
        (tally,) = tallies.series(session, cohort_id)
    assert tally.reached == Reached(members=100, launched=15, email_verified=6, suspended=1)


def test_twice_for_one_time_is_once(database: Database, cohort_id: str) -> None:
    record(database, cohort_id, START, launched=1)
    record(database, cohort_id, START, launched=2)
    assert curve(database, cohort_id) == [1]


def test_each_cohort_has_its_own(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        other = keep_cohort(session, make_cohort(name="summer"))
    record(database, cohort_id, START)
    assert curve(database, other) == []
    with database.reading() as session:
        assert tallies.latest_assessments(session, other) is None


@pytest.mark.parametrize("points", [2, 3, 7, 10, 23, 24, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 23])
def test_a_curve_is_thinned_evenly_and_keeps_both_ends(
    database: Database, cohort_id: str, count: int, points: int
) -> None:
    for number in reversed(range(count)):
        record(database, cohort_id, START + number * MINUTE, launched=number)
    launched = curve(database, cohort_id, points=points)
    assert launched == sorted(set(launched))
    assert len(launched) == count if count <= points else points / 2 <= len(launched) <= points
    assert {launched[0], launched[-1]} == {0, count - 1} if count else not launched
    assert len({after - before for before, after in pairwise(launched[:-1])}) <= 1


def test_a_curve_may_begin_later(database: Database, cohort_id: str) -> None:
    for number in range(6):
        record(database, cohort_id, START + number * MINUTE, launched=number)
    assert curve(database, cohort_id, since=START + 4 * MINUTE) == [4, 5]
    assert curve(database, cohort_id, since=START + MINUTE, points=3) == [1, 3, 5]


def test_tallies_of_older_releases_are_still_read(database: Database, cohort_id: str) -> None:
    """They know nothing of second looks."""
    newer = {"entered_since", "is_suspected", "second", "second_verdict"}
    with database.transaction() as session:
        tallies.record(session, cohort_id, at=START, assessments=ASSESSED)
        row = session.get(CohortTally, (cohort_id, START))
        assert row
        row.assessments = [
            {name: value for name, value in assessment.items() if name not in newer}
            for assessment in row.assessments
        ]
    with database.reading() as session:
        assert tallies.latest_assessments(session, cohort_id) == (START, ASSESSED)
