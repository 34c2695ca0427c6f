"""How long the command line takes to start: help, version, and commands that read an empty database."""

import argparse
import os
import subprocess
import sys
from statistics import median

from benchmarks.fixtures import Ground, ground, machine

BARE = ("-c", "pass")
COMMANDS = (
    "--version",
    "--help",
    "account show --help",
    "cohort list",
    "staff list",
    "account objections",
    "report",
    "journeys start --all",
)


def main() -> None:
    """Run each in turn, round by round; print medians, and their ratio to a bare Python."""
    options = _parser().parse_args()
    calls = {"python -c pass": BARE} | {
        f"offramp {command}": ("-m", "offramp", *command.split()) for command in COMMANDS
    }
    print(machine())
    with ground(with_temporal=False) as place:
        rounds = [
            {name: _seconds(place, call) for name, call in calls.items()} for _ in range(options.rounds)
        ]
    medians = {name: median(taken[name] for taken in rounds) for name in calls}
    bare = medians["python -c pass"]
    for name, seconds in medians.items():
        print(f"{name:<30} {seconds:6.2f} s of the processor, {seconds / bare:5.1f} times a bare Python")
    print(machine())


def _seconds(place: Ground, call: tuple[str, ...]) -> float:
    """The processor's time, which others on this machine disturb less than the clock's."""
    before = os.times()
    subprocess.run(
        [sys.executable, *call],
        env={**os.environ, "OFFRAMP_HOME": str(place.settings.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starting", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is run")
    return parser


if __name__ == "__main__":
    main()
