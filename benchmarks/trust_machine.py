"""Plays about trust at random, far longer than the tests do, and says how many steps it took and what they were.

A failure prints the shortest play that shows it; it then becomes a test with a name.
"""

import argparse
import logging
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from benchmarks.fixtures import machine
from tests.databases import SqliteDatabases, room_in_memory
from tests.services.safety.random_plays import play
from tests.services.safety.trust_machine import TrustMachine

_PLAYS_OF_A_ROUND = 50
_SHRINKING = timedelta(minutes=5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    wanted = parser.parse_args().steps
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(machine())
    since = time.monotonic()
    with TemporaryDirectory(prefix="offramp-benchmark-", dir=room_in_memory()) as directory:
        databases = TrustMachine.databases = SqliteDatabases(Path(directory))
        while (steps := _count()) < wanted:
            play(TrustMachine, _PLAYS_OF_A_ROUND, derandomize=False, shrinking=_SHRINKING)
            rate = _count() / (time.monotonic() - since)
            print(f"{_count():,} steps, {rate:.0f} a second", flush=True)
            if _count() == steps:
                break
        databases.close()
    for name, times in TrustMachine.steps.most_common():
        print(f"{times:>9,} {name}")


def _count() -> int:
    return sum(times for name, times in TrustMachine.steps.items() if not name.endswith("was let"))


if __name__ == "__main__":
    main()
