"""Random lives of cohorts: edits, freezes, orders, exclusions, late messages, and workers that die at any moment."""

import os
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis.stateful import invariant

from domain.rollouts.rollout import Command
from tests.databases import SqliteDatabases
from tests.services.safety.random_plays import play
from tests.workflows.cohort_machine import CohortMachine
from tests.workflows.cohort_scene import DAY, SPECIAL

LIVES = int(os.environ.get("OFFRAMP_TEST_LIVES", "12"))
"""How many lives are lived; more of them find more."""

STEPS_OF_A_LIFE = 20
SHRINKING = timedelta(minutes=1)


@pytest.mark.timeout(600 + LIVES * 20)
def test_a_cohort_keeps_its_word_whatever_happens(sqlite: SqliteDatabases) -> None:
    CohortMachine.databases = sqlite
    play(CohortMachine, LIVES, derandomize=True, shrinking=SHRINKING, steps=STEPS_OF_A_LIFE)


Step = Callable[[CohortMachine], None]


def passes(time: timedelta) -> Step:
    return lambda life: life.time_passes(time)


def edits(days: int, which: str) -> Step:
    return lambda life: life.operator_edits_policy(days, which)


def orders(command: Command) -> Step:
    return lambda life: life.operator_orders(command, sees=True)


FOUND: dict[str, list[Step]] = {
    "a notice is shortened": [passes(DAY), edits(1, "notice"), passes(3 * DAY)],
    "a notice is lengthened, and then shortened": [
        *(passes(DAY), edits(20, "notice"), edits(4, "notice"), passes(11 * DAY)),
    ],
    "a probation is shortened": [passes(14 * DAY), edits(1, "probation"), passes(3 * DAY)],
    "an abort under notice": [passes(DAY), orders(Command.ABORT), passes(DAY)],
    "a rollback in probation": [passes(7 * DAY), orders(Command.ROLLBACK), passes(DAY)],
    "an abort after the last wave": [passes(11 * DAY), orders(Command.ABORT), passes(DAY)],
    "an abort that Temporal forgets half-way": [
        passes(11 * DAY),
        lambda life: life.worker_takes(4),
        orders(Command.ABORT),
        lambda life: life.temporal_forgets_everything(),
        passes(DAY),
    ],
    "an exclusion before the launch": [lambda life: life.host_says(2, SPECIAL), passes(11 * DAY)],
    "nothing stands against anybody": [lambda life: life.all_is_well_at_last()],
}
"""Lives that once broke a promise, or could: everybody is ready from the first day."""


@pytest.mark.parametrize("life", FOUND)
def test_a_life_that_once_broke_a_promise_keeps_it(sqlite: SqliteDatabases, life: str) -> None:
    CohortMachine.databases = sqlite
    machine = CohortMachine()
    machine.launch()
    try:
        machine.all_get_ready()
        for step in FOUND[life]:
            step(machine)
            machine.nothing_is_that_must_not_be()
    finally:
        machine.teardown()


class _Mistaken(CohortMachine):
    """Believes that nobody is ever launched."""

    @invariant()
    def nobody_is_launched(self) -> None:
        launched = [person for person in self.watch.before.values() if person.launched_at]
        assert not launched, "somebody is launched"


def test_a_life_that_fails_is_told_in_a_few_steps(sqlite: SqliteDatabases) -> None:
    _Mistaken.databases = sqlite
    with pytest.raises(AssertionError, match="somebody is launched") as failure:
        play(_Mistaken, 5, derandomize=True, shrinking=timedelta(seconds=5), steps=5)
    told = "\n".join(failure.value.__notes__)
    assert len(re.findall(r"^ *state\.(?!launch|teardown|no)", told, re.MULTILINE)) <= 2, told
