"""Where a rollout stands is written down once, and never over what the database knows of a later step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from activities.epochs import RolloutOutdated
from activities.standings import (
    Described,
    Remembered,
    StandingChange,
    Written,
    describe,
    look_up,
    read,
    write,
)
from domain.rollouts.edits import Edit
from domain.rollouts.rollout import Stage, Standing
from store import Database
from store.engine import epochs
from store.rollouts import cohorts
from tests.clocks import START
from tests.factories import keep_cohort

SECOND = timedelta(seconds=1)


@pytest.fixture
def cohort_id(database: Database) -> str:
    with database.transaction() as session:
        return keep_cohort(session)


def change(cohort_id: str, standing: Standing) -> StandingChange:
    return StandingChange(
        cohort_id=cohort_id, standing=standing, kind="pause", by="olga", reason="a test", at=START
    )


def entries(database: Database, cohort_id: str) -> int:
    with database.reading() as session:
        return len(cohorts.entries(session, cohort_id))


def next_standing(database: Database, cohort_id: str, stage: Stage = Stage.PAUSED) -> Standing:
    with database.reading() as session:
        return read(session, cohort_id).standing.to(stage, at=START, because="olga: a test")


def test_a_step_is_written_once_however_often_it_is_taken(database: Database, cohort_id: str) -> None:
    step = change(cohort_id, next_standing(database, cohort_id))
    before = entries(database, cohort_id)
    for _ in range(2):
        with database.transaction() as session:
            assert write(session, step) is None
    assert entries(database, cohort_id) == before + 1
    with database.reading() as session:
        assert read(session, cohort_id).standing == step.standing


def test_the_same_step_at_another_moment_finds_the_first_one(database: Database, cohort_id: str) -> None:
    first = next_standing(database, cohort_id)
    again = replace(first, since=START + SECOND)
    with database.transaction() as session:
        assert write(session, change(cohort_id, first)) is None
        written = write(session, change(cohort_id, again))
    assert written
    assert written.standing == first
    assert again.repeats(first)


@pytest.mark.parametrize("later", [0, 1, 5])
def test_what_the_database_knows_stays_and_is_the_answer(
    database: Database, cohort_id: str, later: int
) -> None:
    step = next_standing(database, cohort_id, Stage.BAKING)
    aborted = replace(step, stage=Stage.ABORTED, version=step.version + later)
    with database.transaction() as session:
        cohorts.stand(session, cohort_id, aborted)
    before = entries(database, cohort_id)
    with database.transaction() as session:
        cohort = read(session, cohort_id).cohort
        edit = Edit(cohort=replace(cohort, pace=7), by="olga", reason="a test")
        known = Written(standing=aborted, cohort=cohort)
        assert write(session, change(cohort_id, step)) == known
        described = Described(cohort_id=cohort_id, edit=edit, standing=step, at=START)
        assert describe(session, described) == known
        assert read(session, cohort_id) == known
    assert entries(database, cohort_id) == before
    assert not step.repeats(aborted)


def test_an_edit_is_written_once(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        written = read(session, cohort_id)
        edit = Edit(cohort=replace(written.cohort, pace=7), by="olga", reason="a test")
        standing = replace(written.standing, version=written.standing.version + 1)
        described = Described(cohort_id=cohort_id, edit=edit, standing=standing, at=START)
        assert [describe(session, described) for _ in range(2)] == [None, None]
        assert read(session, cohort_id) == Written(standing=standing, cohort=edit.cohort)
        kinds = [entry.kind for entry in cohorts.entries(session, cohort_id)]
    assert kinds.count("edit") == 1


def test_only_what_is_later_than_what_is_remembered_is_news(database: Database, cohort_id: str) -> None:
    with database.reading() as session:
        written = read(session, cohort_id)
        version = written.standing.version
        assert look_up(session, Remembered(cohort_id=cohort_id, version=version)) is None
        assert look_up(session, Remembered(cohort_id=cohort_id, version=version - 1)) == written


def test_a_rollout_of_an_earlier_epoch_is_told_nothing(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        epochs.renew(session, by="ada", at=START)
        with pytest.raises(RolloutOutdated):
            look_up(session, Remembered(cohort_id=cohort_id, version=0))
