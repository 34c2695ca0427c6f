"""Where the rooms use what a module or a class defines, so that a changed constant meets the tests of who reads it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.mutants.loading import ROOMS
from tests.mutants.mutations import ROOT

Place = tuple[str, int]
_NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Use:
    """A name that a line mentions. `defines` are the names that the line gives a value outside of functions."""

    path: str
    line: int
    defines: frozenset[str]


def uses(path: str, lines: range) -> set[Place]:
    """The lines of functions that read what these lines of a module define, also by way of another constant."""
    found: set[Place] = set()
    waiting = [(path, name) for name in _defined_at(path, lines)]
    followed = set(waiting)
    while waiting:
        defined_in, name = waiting.pop()
        for use in _index()[name]:
            if use.path != defined_in and defined_in not in _imports(use.path):
                continue
            found.add((use.path, use.line))
            further = {(use.path, other) for other in use.defines} - followed
            followed |= further
            waiting += further
    return found


def _defined_at(path: str, lines: range) -> set[str]:
    """The names that get their value on these lines: of constants, of fields, of functions with their defaults."""
    tree = ast.parse((ROOT / path).read_text())
    return {name for names, at in _definitions(tree.body) if set(at) & set(lines) for name in names}


def _definitions(statements: list[ast.stmt]) -> Iterator[tuple[frozenset[str], range]]:
    for statement in statements:
        whole = range(statement.lineno, (statement.end_lineno or 0) + 1)
        if isinstance(statement, ast.ClassDef):
            yield from ((names | {statement.name}, at) for names, at in _definitions(statement.body))
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([statement.lineno, *(each.lineno for each in statement.decorator_list)])
            yield frozenset({statement.name}), range(first, statement.body[0].lineno)
        else:
            yield _targets(statement), whole


def _targets(statement: ast.stmt) -> frozenset[str]:
    stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return frozenset(node.id for node in stored if isinstance(node.ctx, ast.Store))


@cache
def _index() -> dict[str, list[_Use]]:
    """Every mention of every name in the rooms."""
    found: dict[str, list[_Use]] = defaultdict(list)
    for path in _files():
        tree = ast.parse((ROOT / path).read_text())
        outside = {line: names for names, at in _definitions(tree.body) for line in at}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
                name = node.attr if isinstance(node, ast.Attribute) else node.id
                line = node.end_lineno or node.lineno
                found[name].append(_Use(path=path, line=line, defines=outside.get(line, _NO_NAMES)))
    return found


@cache
def _imports(path: str) -> frozenset[str]:
    """The files of the modules that a file imports, or imports from."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
    return frozenset(f"{name.replace('.', '/')}.py" for name in names)


def _files() -> Iterator[str]:
    for room in ROOMS:
        yield from (str(Path(file).relative_to(ROOT)) for file in (ROOT / room).rglob("*.py"))
