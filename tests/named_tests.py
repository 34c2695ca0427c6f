"""Tests that a page of the documentation names, as `tests/file.py::test_name`."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def table_rows(page: Path, header: str) -> Iterator[list[str]]:
    """The cells of all rows of a page's tables with this header."""
    for line in page.read_text().splitlines():
        if line.startswith("|") and line != header and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def missing_tests(page: Path) -> list[str]:
    """The tests that a page names and that do not exist."""
    return [
        f"{file}::{name}"
        for file, name in NAMED_TEST.findall(page.read_text())
        if name not in _tests_of(file)
    ]


@cache
def _tests_of(file: str) -> frozenset[str]:
    """The names of a file's tests, read and not run."""
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module(body=[], type_ignores=[])
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))
