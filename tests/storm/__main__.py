"""Lets a storm blow, and says what is left: `python -m tests.storm --seed 7 --minutes 10 --people 100`.

The exit code is 1 if anything was lost or double, or if anybody was locked out or let in.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from tests.storm.schedule import FaultKind
from tests.storm.storms import blow_over


def main() -> int:
    """Run one storm; what its processes said stays in its folder if the storm was not weathered."""
    given = _arguments()
    place = Path(tempfile.mkdtemp(prefix="offramp-storm-"))
    place.chmod(0o711)
    _say(f"in {place}")
    report = asyncio.run(
        blow_over(
            place,
            seed=given.seed,
            seconds=given.minutes * 60,
            people=given.people,
            on_postgresql=given.postgresql,
            without=given.without,
            say=_say,
        )
    )
    _say(str(report))
    return 0 if report.verdict.is_weathered else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{datetime.now().astimezone():%H:%M:%S} {line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10_000), help="the same seed gives the same schedule"
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL, and not on SQLite")
    parser.add_argument(
        "--without", type=FaultKind, nargs="*", default=(), help="kinds of faults that are left out"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
