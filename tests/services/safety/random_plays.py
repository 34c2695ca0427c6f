"""Plays a machine of rules at random, and shortens a play that fails within a limit of time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

STEPS_OF_A_PLAY = 40


def play(
    machine: type[RuleBasedStateMachine],
    plays: int,
    *,
    derandomize: bool,
    shrinking: timedelta,
    steps: int = STEPS_OF_A_PLAY,
) -> None:
    """Play so many plays of so many steps at most.

    A failure is raised with the shortest play that was found in the time for shrinking.
    """
    profile = settings(
        settings.get_profile("ci"),
        max_examples=plays,
        stateful_step_count=steps,
        derandomize=derandomize,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with _shrinking_for(shrinking):
        run_state_machine_as_test(machine, settings=profile)


@contextmanager
def _shrinking_for(time: timedelta) -> Iterator[None]:
    """Hypothesis shortens for five minutes, and has no setting for it. A test has five minutes in all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "MAX_SHRINKING_SECONDS", time.total_seconds())
        yield
