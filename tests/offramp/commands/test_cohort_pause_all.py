"""`offramp cohort pause --all`, as it is typed: a line for each rollout, and exit code 0 only if all are paused."""

import json

import pytest

from domain.rollouts.rollout import OVER, CommandRefused, Stage
from offramp.commands import cohort_commands
from store import Database
from store.rollouts import cohorts
from tests.api.console.rollouts import FakeRollouts
from tests.clocks import FakeClock
from tests.console import make_rollout
from tests.offramp.conftest import Run

ALL = ("cohort", "pause", "--all", "--reason", "texts cannot go out", "--by", "olga")


@pytest.fixture
def rollouts(home_database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> FakeRollouts:
    """Rollouts that take the command's orders, in the place of those in Temporal."""
    fake = FakeRollouts(home_database, clock)
    monkeypatch.setattr(cohort_commands, "RolloutOrders", lambda **_: fake)
    make_rollout(home_database, people=2, name="first")
    make_rollout(home_database, people=2, name="second", stage=Stage.PAUSED)
    return fake


def test_all_are_paused_and_each_has_its_line(offramp: Run, rollouts: FakeRollouts) -> None:
    ran = offramp(*ALL)
    assert (ran.code, ran.out) == (0, "second: paused already\nfirst: paused\n")
    with rollouts.database.reading() as session:
        row = cohorts.by_name(session, "first")
        assert row
        assert row.stage == Stage.PAUSED
        entry = cohorts.entries(session, row.cohort_id)[0]
    assert (entry.kind, entry.by, entry.reason) == ("pause", "olga", "texts cannot go out")


def test_machines_hear_of_each(offramp: Run, rollouts: FakeRollouts) -> None:
    ran = offramp(*ALL, "--json")
    assert ran.code == 0
    assert json.loads(ran.out) == [
        {"cohort": "second", "outcome": "paused_already", "problem": ""},
        {"cohort": "first", "outcome": "paused", "problem": ""},
    ]


def test_a_rollout_that_nobody_answers_for_makes_the_command_fail(
    offramp: Run, rollouts: FakeRollouts
) -> None:
    rollouts.is_away = True
    ran = offramp(*ALL)
    assert ran.code == 3
    assert ran.out == "second: paused already\nfirst: no answer: Temporal does not answer\n"


def test_a_refused_order_makes_the_command_fail(
    offramp: Run, rollouts: FakeRollouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CommandRefused("the rollout does not run")

    monkeypatch.setattr(rollouts, "give", refuse)
    ran = offramp(*ALL)
    assert (ran.code, "first: not paused: the rollout does not run" in ran.out) == (1, True)


def test_where_nothing_is_under_way_there_is_nothing_to_pause(offramp: Run, home_database: Database) -> None:
    for stage in OVER:
        make_rollout(home_database, people=1, stage=stage, name=stage)
    ran = offramp(*ALL)
    assert (ran.code, ran.out) == (0, "no rollout is under way\n")


@pytest.mark.parametrize("arguments", [(), ("spring", "--all"), ("spring", "--json")])
def test_one_cohort_or_all_of_them_are_named(offramp: Run, arguments: tuple[str, ...]) -> None:
    assert offramp("cohort", "pause", *arguments, "--reason", "a test").code == 2
