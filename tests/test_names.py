"""Names: a public class name stands for one thing in the whole project, and every name carries its noun."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = (
    "domain",
    "store",
    "providers",
    "services",
    "activities",
    "workflows",
    "api",
    "dashboards",
    "offramp",
    "benchmarks",
)
WITHOUT_NOUN = {"one", "found", "told", "known", "asked", "true"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def public_classes() -> Iterator[tuple[str, str]]:
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, file


def given_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names that a module gives to variables, arguments and functions, with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name, node.lineno


def test_a_public_class_name_occurs_once() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for name, file in public_classes():
        homes[name].append(file)
    assert len(homes) > 300
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_names_are_nouns() -> None:
    nameless = [
        f"{file}:{line} {name}"
        for file, tree in trees()
        for name, line in given_names(tree)
        if name in WITHOUT_NOUN
    ]
    assert nameless == []
