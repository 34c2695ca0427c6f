"""Plays about trust at random, far longer than the tests do, and says how many steps it took and what they were.

A failure prints the shortest play that shows it; it then becomes a test with a name. Each round begins with an empty
database, for plays on a full one are slower.
"""

import argparse
import logging
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.fixtures import machine
from tests.databases import SqliteDatabases, room_in_memory
from tests.services.safety.trust_machine import TrustMachine

_PLAYS_OF_A_ROUND = 50
_STEPS_OF_A_PLAY = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    wanted = parser.parse_args().steps
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(machine())
    since = time.monotonic()
    with TemporaryDirectory(prefix="offramp-benchmark-", dir=room_in_memory()) as directory:
        databases = SqliteDatabases(Path(directory))
        while (steps := _count()) < wanted:
            _play_round(databases)
            rate = _count() / (time.monotonic() - since)
            print(f"{_count():,} steps, {rate:.0f} a second", flush=True)
            if _count() == steps:
                break
        databases.close()
    for name, times in TrustMachine.steps.most_common():
        print(f"{times:>9,} {name}")


def _count() -> int:
    return sum(times for name, times in TrustMachine.steps.items() if not name.endswith("was let"))


def _play_round(databases: SqliteDatabases) -> None:
    profile = settings(
        max_examples=_PLAYS_OF_A_ROUND,
        stateful_step_count=_STEPS_OF_A_PLAY,
        deadline=None,
        derandomize=False,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    with databases.emptied() as database:
        TrustMachine.database = database
        run_state_machine_as_test(TrustMachine, settings=profile)


if __name__ == "__main__":
    main()
