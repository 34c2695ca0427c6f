"""The threat model names a rule and a test for everything that it calls stopped, and all of them exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "threat-model.md"
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
HEADER = "| attack | what stops it | rule | shown by |"


def attacks() -> Iterator[list[str]]:
    """The rows of all tables: the attack, what stops it, the rule, the test."""
    for line in PAGE.read_text().splitlines():
        if line.startswith("|") and line != HEADER and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


@cache
def named_in(file: str) -> frozenset[str]:
    """The names of a file's tests, read and not run."""
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module(body=[], type_ignores=[])
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


@pytest.mark.parametrize("cells", list(attacks()), ids=lambda cells: cells[0])
def test_every_attack_has_a_rule_and_a_test_that_exist(cells: list[str]) -> None:
    assert len(cells) == 4
    attack, stop, rules, shown_by = cells
    assert attack
    assert stop
    modules = re.findall(r"`([\w/]+\.py)`", rules)
    assert modules
    assert [module for module in modules if not (ROOT / module).is_file()] == []
    assert NAMED_TEST.findall(shown_by)


def test_every_test_that_the_page_names_exists() -> None:
    named_tests = NAMED_TEST.findall(PAGE.read_text())
    assert len(named_tests) >= len(list(attacks()))
    assert [f"{file}::{name}" for file, name in named_tests if name not in named_in(file)] == []


def test_every_attacker_has_a_table_and_what_is_not_defended_has_none() -> None:
    *parts, undefended = re.split(r"^## ", PAGE.read_text(), flags=re.M)[1:]
    assert undefended.startswith("What is not defended")
    assert HEADER not in undefended
    assert [part.splitlines()[0] for part in parts if HEADER not in part] == []
