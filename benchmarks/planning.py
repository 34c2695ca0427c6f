"""How long `offramp cohort plan` takes to answer for many imported accounts, the start of the command included."""

import argparse
import os
import subprocess
import sys
import time
from statistics import median

from benchmarks.fixtures import Ground, ground, machine, populate
from store import Database

COUNTRIES = ("DE", "AT", "FR", "GB")

COHORT = """
name = "most"
holdout_percent = 5
waves = [
    { percent = 1, bake = "14 days" },
    { percent = 25, bake = "7 days" },
    { percent = 100, bake = "7 days" },
]

[include]
countries = ["DE", "AT", "FR"]

[exclude]
risk_tiers = ["high"]
"""
"""Three quarters of the people, by a filter, an exclusion and a holdout, in three waves."""


def main() -> None:
    """Import people, draw the plan several times, print every duration."""
    options = _parser().parse_args()
    with ground(with_temporal=False) as place:
        database = Database(place.settings.database_url)
        populate(database, options.people, tier="low", countries=COUNTRIES)
        print(f"{options.people} accounts; {machine()}")
        durations = [_plan(place) for _ in range(options.rounds)]
        database.close()
    print(
        f"plan         {', '.join(f'{seconds:.2f}' for seconds in durations)} s; median {median(durations):.2f} s"
    )
    print(machine())


def _plan(place: Ground) -> float:
    """Seconds from the command's call to its end."""
    began_at = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "offramp", "cohort", "plan", "-"],
        env={**os.environ, "OFFRAMP_HOME": str(place.settings.home)},
        input=COHORT.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - began_at


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="accounts imported before")
    parser.add_argument("--rounds", type=int, default=5, help="how often the plan is drawn")
    return parser


if __name__ == "__main__":
    main()
