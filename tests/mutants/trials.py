"""Tries one mutant: runs the tests that reach it, nearest first, until one of them fails."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from tests.mutants import loading, placing
from tests.mutants.mutations import ROOT, Mutation, functions
from tests.mutants.processes import TIMED_OUT, forked
from tests.mutants.reach import Reach
from tests.mutants.uses import uses


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How many tests, and for how many seconds, one mutant may take. A farther test might have noticed a survivor."""

    most_tests: int
    most_seconds: float


USUAL = Effort(most_tests=80, most_seconds=90.0)
"""Enough for most that are noticed at all."""

THOROUGH = Effort(most_tests=1000, most_seconds=600.0)
"""For what the usual effort let live."""

READ_EVERY_CONSTANT = ("tests/domain/test_limits_docs.py",)
"""Files whose tests compare constants of all modules with something, and reach no line of them by that."""

_SHORTEST_LIMIT = 90.0
_CANNOT_BE_SWAPPED = 71


class Fate(StrEnum):
    """What became of a mutant. `unreached`: there is no test to try it with. `no_code`: Python does not read it."""

    KILLED = "killed"
    TIMED_OUT = "timed_out"
    SURVIVED = "survived"
    UNREACHED = "unreached"
    NO_CODE = "no_code"


ALIVE = frozenset({Fate.SURVIVED, Fate.UNREACHED})


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A mutant, and the tests it is tried with. `function` is the one that it changes; None: the module itself."""

    mutation: Mutation
    tests: tuple[str, ...]
    seconds: float
    function: str | None


def plan(mutation: Mutation, reach: Reach, effort: Effort = USUAL) -> Trial:
    """Choose the tests for a mutant: those of its own file first, then the nearest, then the quick ones."""
    lines = set(mutation.lines)
    name, body = next(
        ((name, body) for name, body in functions(mutation.path) if lines <= set(body)), (None, None)
    )
    if body is None:
        near, far = _tests_of_module(mutation, reach)
    else:
        around = {test for test in reach.of(mutation.path, body) if _is_own(mutation.path, test)}
        near, far = reach.of(mutation.path, mutation.lines) | around, set()

    def nearness(test: str) -> tuple[bool, bool, float, str]:
        return not _is_own(mutation.path, test), test not in near, reach.seconds[test], test

    chosen: list[str] = []
    seconds = 0.0
    for test in sorted(near | far, key=nearness)[: effort.most_tests]:
        if seconds + reach.seconds[test] <= effort.most_seconds:
            seconds += reach.seconds[test]
            chosen.append(test)
    return Trial(mutation=mutation, tests=tuple(chosen), seconds=seconds, function=name)


def _tests_of_module(mutation: Mutation, reach: Reach) -> tuple[set[str], set[str]]:
    """The tests for a change outside of functions: of what reads its names, and of anything in its module."""
    near = {test for path, line in uses(mutation.path, mutation.lines) for test in reach.of_line(path, line)}
    near |= {test for test in reach.seconds if test.split("::")[0] in READ_EVERY_CONSTANT}
    own = {test for test in reach.seconds if _is_own(mutation.path, test)}
    return near, own | reach.of_module(mutation.path)


def attempt(trial: Trial, *, template: Path, output: Path) -> Fate | None:
    """Try a mutant in a process of its own. None if its module must not be loaded before."""
    if not trial.tests:
        return Fate.UNREACHED
    try:
        compile(trial.mutation.source(), trial.mutation.path, "exec")
    except SyntaxError:
        return Fate.NO_CODE

    def run() -> int:
        try:
            _place(trial)
        except placing.CannotBeSwapped:
            return _CANNOT_BE_SWAPPED
        loading.use_template(template)
        return run_tests(trial.tests)

    code = forked(run, output=output, limit=_SHORTEST_LIMIT + 10 * trial.seconds)
    if code == _CANNOT_BE_SWAPPED:
        return None
    if code == TIMED_OUT:
        return Fate.TIMED_OUT
    if code == pytest.ExitCode.USAGE_ERROR and trial.function:
        return Fate.UNREACHED  # a test that is not found notices nothing
    return Fate.SURVIVED if code == pytest.ExitCode.OK else Fate.KILLED


def run_tests(tests: Sequence[str]) -> int:
    """The exit code of pytest. A file of tests that cannot be loaded with the mutant has noticed it: it has failed."""
    loaded = _Loaded()
    code = pytest.main([*tests, "-x", "-q", "--tb=line", *loading.PYTEST], [loading.Examples(), loaded])
    return int(pytest.ExitCode.TESTS_FAILED if loaded.has_failed else code)


class _Loaded:
    """Whether a file of tests could not be loaded; pytest then says no more than that its tests are not found."""

    def __init__(self) -> None:
        self.has_failed = False

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.has_failed |= report.failed


def _place(trial: Trial) -> None:
    file, source = ROOT / trial.mutation.path, trial.mutation.source()
    module = ".".join(Path(trial.mutation.path).with_suffix("").parts)
    if trial.function and module in sys.modules:
        placing.swap(file, trial.function, source)
    else:
        placing.stand_in(file, module, source)


def _is_own(path: str, test: str) -> bool:
    return test.split("::")[0].endswith(f"/test_{Path(path).name}")
