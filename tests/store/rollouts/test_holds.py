"""An order that stops a rollout is written down between the acts of its journeys, never beside one."""

import pytest
from sqlalchemy import text

from domain.rollouts.rollout import FROZEN, Stage, Standing
from store import Database
from store.engine.absences import DatabaseAway
from store.rollouts import cohorts, holds
from tests.factories import keep_cohort, make_member

ABORTED = Standing(stage=Stage.ABORTED, version=2)


@pytest.mark.parametrize("stage", Stage)
def test_nothing_new_happens_to_people_of_a_cohort_that_is_paused_or_given_up(
    database: Database, stage: Stage
) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        account_id = make_member(session, cohort_id)
        cohorts.stand(session, cohort_id, Standing(stage=stage, version=2))
        assert holds.is_frozen(session, account_id) is (stage in FROZEN)
        assert holds.is_frozen(session, account_id, for_act=True) is (stage in FROZEN)


def test_an_abort_is_written_down_only_when_no_act_is_under_way(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as session:
        cohort_id = keep_cohort(session)
        account_id = make_member(session, cohort_id)
    with postgresql_database.transaction() as act:
        assert not holds.is_frozen(act, account_id, for_act=True)
        with pytest.raises(DatabaseAway, match="locked for too long"):
            abort(postgresql_database, cohort_id)
    abort(postgresql_database, cohort_id)
    with postgresql_database.reading() as session:
        assert holds.is_frozen(session, account_id)


def test_acts_of_one_cohort_do_not_wait_for_each_other(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as session:
        cohort_id = keep_cohort(session)
        first, second = make_member(session, cohort_id), make_member(session, cohort_id)
    with postgresql_database.transaction() as act, postgresql_database.transaction() as other:
        other.execute(text("SET LOCAL lock_timeout = '100ms'"))
        assert not holds.is_frozen(act, first, for_act=True)
        assert not holds.is_frozen(other, second, for_act=True)


def abort(database: Database, cohort_id: str) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        cohorts.stand(session, cohort_id, ABORTED)
