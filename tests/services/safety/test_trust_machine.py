"""An owner, a thief, support, a host, lost messages and a relay that crashes, at random, against the real services."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from store import Database
from tests.services.safety.trust_machine import TrustMachine

PLAYS, STEPS = 60, 40
"""Some 2,200 steps in a bit more than a minute. `python -m benchmarks.trust_machine` plays a million."""


def test_no_thief_gets_more_than_a_way_in_that_waits(sqlite_database: Database) -> None:
    TrustMachine.database = sqlite_database
    profile = settings(
        settings.get_profile("ci"),
        max_examples=PLAYS,
        stateful_step_count=STEPS,
        database=None,
        phases=[Phase.generate],  # to shorten a play that fails would take longer than a test may
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(TrustMachine, settings=profile)
