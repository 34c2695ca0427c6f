"""What keeps rooms apart beyond imports: rows are changed in the store alone, and names are not shadowed."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ABOVE_THE_STORE = ("services", "activities", "workflows", "api", "dashboards", "offramp")
ROOMS = ("domain", "store", "providers", *ABOVE_THE_STORE)


def trees(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for file in sorted((ROOT / room).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def columns() -> set[str]:
    """The names of all columns of all tables."""
    return {
        field.target.id
        for _, tree in trees("store")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    }


def assigned(tree: ast.Module) -> Iterator[ast.Attribute]:
    """Attributes of something other than oneself that a module assigns to."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and not (isinstance(node.value, ast.Name) and node.value.id == "self")
        ):
            yield node


def test_rows_are_changed_in_the_store_alone() -> None:
    names = columns()
    assert {"stuck_since", "sms", "frozen_at"} <= names
    changed = [
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for file, tree in trees(*ABOVE_THE_STORE)
        for node in assigned(tree)
        if node.attr in names
    ]
    assert changed == []


def test_the_methods_of_a_session_are_called_in_the_store_alone() -> None:
    calls = [
        f"{file}:{node.lineno} {ast.unparse(node.func)}"
        for file, tree in trees(*ABOVE_THE_STORE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "session"
    ]
    assert calls == []


def imported(tree: ast.Module) -> set[str]:
    """Names in small letters that a module imports at its top: other modules, and functions."""
    return {
        name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if (name := alias.asname or alias.name).islower()
    }


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, int]]:
    """The names that a function gives itself: its arguments, and what it assigns to."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg, node.lineno
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def test_no_function_shadows_what_its_module_has_imported() -> None:
    shadowed = [
        f"{file}:{line} {name}"
        for file, tree in trees(*ROOMS)
        for names in (imported(tree),)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for name, line in local_names(node)
        if name in names
    ]
    assert shadowed == []
