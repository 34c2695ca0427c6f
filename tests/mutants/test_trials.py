"""A mutant is noticed by tests that fail, and by files of tests that cannot be loaded any more."""

from functools import partial
from pathlib import Path

import pytest

from tests.mutants.processes import forked
from tests.mutants.trials import run_tests


@pytest.mark.parametrize(
    ("source", "test", "code"),
    [
        ("def test_it() -> None:\n    assert True\n", "test_it", pytest.ExitCode.OK),
        ("def test_it() -> None:\n    assert False\n", "test_it", pytest.ExitCode.TESTS_FAILED),
        ("raise ValueError\n", "test_it", pytest.ExitCode.TESTS_FAILED),
        ("def test_it() -> None:\n    assert True\n", "test_another", pytest.ExitCode.USAGE_ERROR),
    ],
)
def test_what_cannot_be_loaded_has_failed_and_what_is_not_there_has_not(
    tmp_path: Path, source: str, test: str, code: int
) -> None:
    file = tmp_path / "test_of_a_mutant.py"
    file.write_text(source)
    run = partial(run_tests, [f"{file}::{test}", f"--rootdir={tmp_path}"])
    assert forked(run, output=tmp_path / "output.txt", limit=60.0) == code
