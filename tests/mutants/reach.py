"""Which tests reach which lines, and how long they take; kept for as long as the code stays the same."""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.loading import PYTEST, Examples
from tests.mutants.mutations import ROOT

_EXAMPLES = 12
"""Few of Hypothesis's examples reach what most of them reach."""

_MARKS = "not browser and not processes and not postgres"


class Reach:
    """The tests that reach each line of a module, by their names."""

    def __init__(self, folder: Path) -> None:
        self.seconds: dict[str, float] = {}
        self._tests: dict[tuple[str, int], set[str]] = defaultdict(set)
        for file in sorted(folder.glob("*.json")):
            for test, found in json.loads(file.read_text())["tests"].items():
                self.seconds[test] = found["seconds"]
                for path, lines in found["lines"].items():
                    for line in lines:
                        self._tests[path, line].add(test)

    def of(self, path: str, lines: range) -> set[str]:
        """The tests that reach one of these lines."""
        return {test for line in lines for test in self.of_line(path, line)}

    def of_line(self, path: str, line: int) -> set[str]:
        """The tests that reach this line."""
        return self._tests.get((path, line), set())

    def of_module(self, path: str) -> set[str]:
        """The tests that reach any function of a module."""
        return {test for (reached, _), tests in self._tests.items() if reached == path for test in tests}


def test_files(place: Path) -> Iterable[Path]:
    """The test files in a folder, or the one that is named."""
    return [place] if place.is_file() else place.rglob("test_*.py")


def kept(test_file: Path, folder: Path) -> Path:
    """Where the reach of a test file is kept."""
    return folder / f"{'-'.join(test_file.relative_to(ROOT).with_suffix('').parts)}.json"


def is_fresh(test_file: Path, folder: Path) -> bool:
    """Whether the reach of a test file is known, and neither the file nor what it reaches has changed."""
    file = kept(test_file, folder)
    if not file.exists():
        return False
    digests: dict[str, str] = json.loads(file.read_text())["digests"]
    return all((ROOT / path).exists() and _digest(ROOT / path) == digest for path, digest in digests.items())


def measure(test_file: Path, folder: Path, rooms: Sequence[str]) -> int:
    """Run a test file and keep what its tests reach. The project is loaded before, so that loading counts for none."""
    import coverage

    measured = coverage.Coverage(data_file=None, source=list(rooms), config_file=False, messages=False)
    watch = _Watch(measured)
    measured.start()
    code = pytest.main([str(test_file), "-m", _MARKS, *PYTEST], [watch, Examples(_EXAMPLES)])
    measured.stop()
    tests = {test: {"seconds": round(seconds, 3), "lines": {}} for test, seconds in watch.seconds.items()}
    reached = {str(test_file.relative_to(ROOT))}
    for path, line, test in _contexts(measured.get_data()):
        if test in tests:
            lines: Any = tests[test]["lines"]
            lines.setdefault(path, []).append(line)
            reached.add(path)
    digests = {path: _digest(ROOT / path) for path in sorted(reached)}
    kept(test_file, folder).write_text(json.dumps({"digests": digests, "tests": tests}))
    return int(code)


class _Watch:
    """Tells coverage which test runs, and keeps how long those took that pass."""

    def __init__(self, measured: Any) -> None:
        self.seconds: dict[str, float] = {}
        self._measured = measured
        self._began = 0.0

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._measured.switch_context(nodeid)
        self._began = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = time.monotonic() - self._began

    def pytest_runtest_logfinish(self) -> None:
        self._measured.switch_context("")


def _contexts(found: Any) -> Iterator[tuple[str, int, str]]:
    for file in found.measured_files():
        path = str(Path(file).relative_to(ROOT))
        for line, tests in found.contexts_by_lineno(file).items():
            for test in tests:
                yield path, line, test


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
