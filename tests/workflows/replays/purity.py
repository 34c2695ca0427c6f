"""Finds what in a module may answer otherwise in another process: clocks, chance, the environment, input, output."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
WORKFLOWS = sorted((ROOT / "workflows").glob("rollout*.py")) + [
    ROOT / "workflows" / name for name in ("migration.py", "recovery.py", "releases.py", "timeouts.py")
]

PURE_MODULES = {
    "bisect",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "math",
    "operator",
    "re",
    "statistics",
    "typing",
    # It reads files, but the same ones everywhere: `tzdata` is pinned with the rest.
    "zoneinfo",
}
"""The modules of the standard library whose answers depend on what they are given alone, but for `FORBIDDEN`."""

FORBIDDEN_NAMES = {
    "breakpoint",
    "eval",
    "exec",
    "globals",
    "hash",
    "id",
    "input",
    "open",
    "print",
    "vars",
    "__import__",
}
"""Built-in functions that ask somebody, tell somebody, or give every process another answer."""

FORBIDDEN_METHODS = {
    "now",
    "utcnow",
    "today",
    "fromtimestamp",
    "utcfromtimestamp",
    "localtime",
    "available_timezones",
}
"""Methods that ask a clock, or the machine's own time zone."""


def reached() -> list[Path]:
    """The modules of the domain that the workflows import, and that those import."""
    found: dict[Path, None] = {}
    waiting = list(WORKFLOWS)
    while waiting:
        for name in _imported(_tree(waiting.pop())):
            if (path := _module(name)) and path not in found:
                found[path] = None
                waiting.append(path)
    return sorted(found)


def impurities(source: str) -> Iterator[str]:
    """What in a module could answer otherwise in another process, or at another time, each with its line."""
    tree = ast.parse(source)
    for name in _imported(tree):
        if not name.startswith("domain") and name not in PURE_MODULES:
            yield f"imports {name}"
    for node in ast.walk(tree):
        if what := _impurity(node):
            yield f"line {getattr(node, 'lineno', 0)}: {what}"


def _impurity(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) if name in FORBIDDEN_NAMES:
            return name
        case ast.Attribute(attr=name) if name in FORBIDDEN_METHODS:
            return name
        # Without an argument it asks for the time zone of the machine.
        case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
            return "the machine's time zone"
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated) if _is_set(iterated):
            return "the order of a set"
        case ast.Call(
            func=ast.Name(id="list" | "tuple" | "next" | "iter" | "enumerate" | "zip"), args=[first, *_]
        ) if _is_set(first):
            return "the order of a set"
    return None


def _is_set(node: ast.expr) -> bool:
    """Whether it certainly is a set, whose order is another one in every process."""
    match node:
        case ast.Set() | ast.SetComp() | ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
    return False


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # `from domain import words` names a module, too.
            yield from (f"{node.module}.{a.name}" for a in node.names if _module(f"{node.module}.{a.name}"))


def _module(name: str) -> Path | None:
    """The file of a module of the domain; None if it is none."""
    if not f"{name}.".startswith("domain."):
        return None
    path = ROOT.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
