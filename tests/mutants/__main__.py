"""Tries mutants of the named folders, tells which survive, and fails if they are too many. `make mutants` calls it."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.mutants import loading, reach, report, trials
from tests.mutants.mutations import ROOT, Mutation, modules, mutations
from tests.mutants.processes import forked
from tests.mutants.reach import Reach
from tests.mutants.trials import ALIVE, Fate, Trial

FOLDERS = ("domain", "services", "store/journeys", "store/messages")
TESTS = ("domain", "services", "store", "activities", "providers", "api", "offramp")

HOME = ROOT / ".mutants"
_REACH = HOME / "reach"
_TEMPLATE = HOME / "migrated.db"
_RESULTS = HOME / "results.jsonl"
_FILE_LIMIT = 1800.0


def main() -> int:
    """Exit code 1 if more than the threshold of the tried mutants survive."""
    orders = _orders()
    pause = _Pause(orders.pause_while)
    os.chdir(ROOT)
    _REACH.mkdir(parents=True, exist_ok=True)
    loading.load_packages()
    chosen = _sample(orders.folders, orders.sample, orders.seed)
    _say(f"{len(chosen)} mutants chosen")
    unswapped = HOME / "unswapped.txt"
    unswapped.write_text("")
    _in_child(lambda: _with_project(orders, chosen, pause, unswapped))
    left = set(unswapped.read_text().split())
    _try([trial for trial in _planned(chosen, orders) if trial.mutation.key in left], pause, unswapped)
    return report.write(chosen, _results(), threshold=orders.threshold, to=HOME / "report.md")


def _orders() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "folders", nargs="*", default=FOLDERS, help="folders or modules whose mutants are tried"
    )
    parser.add_argument("--sample", type=int, help="how many are tried; all of them if not given")
    parser.add_argument("--seed", type=int, default=0, help="another seed chooses another sample")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="folders of tests that may notice them")
    parser.add_argument("--threshold", type=float, default=0.02, help="the share that may survive")
    parser.add_argument(
        "--again", action="store_true", help="try survivors once more, by all tests that reach them"
    )
    parser.add_argument("--pause-while", type=Path, help="try nothing as long as this file exists")
    return parser.parse_args()


def _sample(folders: Sequence[str], size: int | None, seed: int) -> list[Mutation]:
    every = [mutation for path in modules(folders) for mutation in mutations(path)]
    # In no order of theirs: what a run has tried until it is stopped is a fair sample, too.
    return sorted(every, key=lambda mutation: mutation.rank(seed))[:size]


def _with_project(
    orders: argparse.Namespace, chosen: Sequence[Mutation], pause: "_Pause", unswapped: Path
) -> int:
    """Measure what the tests reach, and try the mutants of functions; the others go to `unswapped`."""
    loading.load_project()
    loading.make_template(_TEMPLATE)
    loading.use_template(_TEMPLATE)
    _measure(orders.tests, pause)
    planned = _planned(chosen, orders)
    _try([trial for trial in planned if trial.function], pause, unswapped)
    with unswapped.open("a") as file:
        file.writelines(f"{trial.mutation.key}\n" for trial in planned if not trial.function)
    return 0


def _measure(folders: Sequence[str], pause: "_Pause") -> None:
    files = sorted({file for name in folders for file in reach.test_files(ROOT / "tests" / name)})
    for file in [file for file in files if not reach.is_fresh(file, _REACH)]:
        pause()
        output = reach.kept(file, _REACH).with_suffix(".txt")
        code = forked(partial(reach.measure, file, _REACH, loading.ROOMS), output=output, limit=_FILE_LIMIT)
        _say(f"measured {file.relative_to(ROOT)}: {code}")


def _planned(chosen: Sequence[Mutation], orders: argparse.Namespace) -> list[Trial]:
    """The mutants that have not been tried yet, or are to be tried again, with the tests that reach them."""
    settled = {key for key, fate in _results().items() if not (orders.again and fate in ALIVE)}
    lines, effort = Reach(_REACH), trials.THOROUGH if orders.again else trials.USUAL
    return [trials.plan(mutation, lines, effort) for mutation in chosen if mutation.key not in settled]


def _try(planned: Sequence[Trial], pause: "_Pause", unswapped: Path) -> None:
    """Try mutants, and keep what becomes of them; those that have to be loaded with their module go to `unswapped`."""
    for number, trial in enumerate(planned, start=1):
        pause()
        mutation = trial.mutation
        fate = trials.attempt(trial, template=_TEMPLATE, output=HOME / "last-trial.txt")
        if fate is None:
            with unswapped.open("a") as file:
                file.write(f"{mutation.key}\n")
            continue
        with _RESULTS.open("a") as results:
            results.write(json.dumps({"key": mutation.key, "fate": fate}) + "\n")
        if fate in ALIVE or fate is Fate.TIMED_OUT:
            _say(f"{fate}: {mutation.path}:{mutation.start[0]} {mutation.operator}\n{mutation.diff()}")
        if number % 25 == 0:
            _say(f"{number} of {len(planned)} tried")


def _results() -> dict[str, Fate]:
    """What became of every mutant that was tried; the last time counts."""
    if not _RESULTS.exists():
        return {}
    lines = [json.loads(line) for line in _RESULTS.read_text().splitlines()]
    return {line["key"]: Fate(line["fate"]) for line in lines}


class _Pause:
    """Waits while a file exists: loads are being measured on this machine."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def __call__(self) -> None:
        while self._file and self._file.exists():
            time.sleep(5)


def _in_child(act: Callable[[], int]) -> None:
    """Run something in a process that may load the project; this one never does, so that it can load mutants of it."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = act()
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(1)


def _say(words: str) -> None:
    sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
