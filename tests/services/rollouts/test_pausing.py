"""Pausing every rollout: each is tried, whatever became of the one before, and only what is paused counts as paused."""

import pytest

from domain.rollouts.rollout import OVER, CommandRefused, Order, Stage
from services.container import NobodyThere
from services.rollouts.pausing import PauseOutcome, Pausing, pause_all
from store import Database
from store.rollouts import cohorts
from tests.api.console.rollouts import FakeRollouts
from tests.clocks import FakeClock
from tests.console import make_rollout, set_stage

WHY = "texts cannot go out"


@pytest.fixture
def rollouts(sqlite_database: Database, clock: FakeClock) -> FakeRollouts:
    return FakeRollouts(sqlite_database, clock)


def paused(rollouts: FakeRollouts) -> dict[str, Pausing]:
    """What became of each, by the cohort's name."""
    pausings = pause_all(rollouts.database, rollouts.give, by="olga", reason=WHY)
    return {pausing.cohort: pausing for pausing in pausings}


def stages(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {row.name: row.stage for row in cohorts.every(session)}


def made(database: Database, *stages: Stage) -> None:
    """Rollouts in these stages, named after them."""
    for stage in stages:
        make_rollout(database, people=2, stage=stage, name=stage)


def test_every_rollout_that_is_not_over_is_paused(rollouts: FakeRollouts) -> None:
    made(rollouts.database, *Stage)
    outcomes = {name: pausing.outcome for name, pausing in paused(rollouts).items()}
    under_way = set(Stage) - OVER
    assert outcomes == {
        stage: PauseOutcome.PAUSED_ALREADY if stage is Stage.PAUSED else PauseOutcome.PAUSED
        for stage in under_way
    }
    now = stages(rollouts.database)
    assert {now[stage] for stage in under_way} == {Stage.PAUSED}
    assert all(now[stage] == stage for stage in OVER)


def test_the_order_says_who_why_and_what_was_seen(rollouts: FakeRollouts) -> None:
    made(rollouts.database, Stage.BAKING)
    orders: list[Order] = []
    assert [*pause_all(rollouts.database, lambda _, order: orders.append(order), by="olga", reason=WHY)]
    (order,) = orders
    assert (order.by, order.reason, order.seen) == ("olga", WHY, 2)


def test_a_rollout_that_has_moved_on_between_the_look_and_the_order_is_looked_at_again(
    rollouts: FakeRollouts,
) -> None:
    made(rollouts.database, Stage.LAUNCHING)
    orders: list[Order] = []

    def give(cohort_id: str, order: Order) -> None:
        if not orders:
            with rollouts.database.transaction() as session:
                set_stage(session, cohort_id, Stage.BAKING)
        orders.append(order)
        rollouts.give(cohort_id, order)

    (pausing,) = pause_all(rollouts.database, give, by="olga", reason=WHY)
    assert pausing.is_paused
    assert stages(rollouts.database) == {"launching": Stage.PAUSED}
    assert [order.seen for order in orders] == [2, 3]


def test_a_rollout_that_ends_meanwhile_is_none_that_was_not_paused(rollouts: FakeRollouts) -> None:
    made(rollouts.database, Stage.BAKING)

    def give(cohort_id: str, order: Order) -> None:
        with rollouts.database.transaction() as session:
            set_stage(session, cohort_id, Stage.ABORTED)
        rollouts.give(cohort_id, order)

    assert [*pause_all(rollouts.database, give, by="olga", reason=WHY)] == []


def test_a_refusal_or_a_failure_keeps_no_other_rollout_from_being_paused(rollouts: FakeRollouts) -> None:
    for name in ("first", "second", "third"):
        make_rollout(rollouts.database, people=2, name=name)
    with rollouts.database.reading() as session:
        names = {row.cohort_id: row.name for row in cohorts.every(session)}

    def give(cohort_id: str, order: Order) -> None:
        if names[cohort_id] == "second":
            raise NobodyThere("no worker answered in time", is_taken=True)
        if names[cohort_id] == "third":
            with rollouts.database.transaction() as session:
                set_stage(session, cohort_id, Stage.BAKING)
        rollouts.give(cohort_id, order)

    pausings = {each.cohort: each for each in pause_all(rollouts.database, give, by="olga", reason=WHY)}
    assert {name: pausing.outcome for name, pausing in pausings.items()} == {
        "first": PauseOutcome.PAUSED,
        "second": PauseOutcome.NO_ANSWER,
        "third": PauseOutcome.REFUSED,
    }
    assert pausings["second"].problem == "no worker answered in time"
    assert "has moved on since you looked" in pausings["third"].problem
    assert [name for name, pausing in pausings.items() if pausing.is_paused] == ["first"]


def test_a_refusal_that_another_look_cannot_change_is_not_asked_for_again(rollouts: FakeRollouts) -> None:
    made(rollouts.database, Stage.BAKING)
    orders: list[Order] = []

    def refuse(_cohort_id: str, order: Order) -> None:
        orders.append(order)
        raise CommandRefused("the rollout does not run")

    (pausing,) = pause_all(rollouts.database, refuse, by="olga", reason=WHY)
    assert (pausing.outcome, pausing.problem) == (PauseOutcome.REFUSED, "the rollout does not run")
    assert len(orders) == 1
