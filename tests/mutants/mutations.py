"""The mutants of a module: its source with one change in it."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from pathlib import Path

from tests.mutants.operators import Position, operators

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One change that can be made: the `occurrence`th of an operator in a module. Lines count from 1.

    `variant` counts what the operator can do in one place: a number becomes larger, or smaller.
    """

    path: str
    operator: str
    occurrence: int
    variant: int
    start: Position
    end: Position

    @property
    def lines(self) -> range:
        """The lines that it changes."""
        return range(self.start[0], self.end[0] + 1)

    def source(self) -> str:
        """The module with the change in it."""
        import cosmic_ray.mutating

        operator = operators()[self.operator]
        mutated: str = cosmic_ray.mutating.mutate_code(_source(self.path), operator, self.occurrence)
        return mutated

    def diff(self) -> str:
        """What it changes, without the lines around it."""
        lines = unified_diff(_source(self.path).splitlines(), self.source().splitlines(), n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))

    @property
    def key(self) -> str:
        """Names the change as long as its module stays as it is."""
        told = f"{self.path}\0{self.operator}\0{self.occurrence}\0{_source(self.path)}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def rank(self, seed: int) -> str:
        """Its place in a sample of this seed. Work elsewhere, also in the same module, leaves it as it is."""
        lines = "\n".join(_source(self.path).splitlines()[line - 1] for line in self.lines)
        told = f"{seed}\0{self.path}\0{self.operator}\0{self.variant}\0{self.start[1]}\0{lines}"
        return hashlib.sha256(told.encode()).hexdigest()


def mutations(path: str) -> list[Mutation]:
    """All changes that can be made in a module, except where no test could tell: see `_beside_the_point`."""
    import cosmic_ray.ast

    nodes = list(cosmic_ray.ast.ast_nodes(cosmic_ray.ast.get_ast(_source(path))))
    tree = ast.parse(_source(path))
    left_out, signs = list(_beside_the_point(tree)), list(_signs(tree))
    made = []
    for name, operator in operators().items():
        positions = (place for node in nodes for place in operator.mutation_positions(node))
        times: Counter[Position] = Counter()
        for occurrence, (start, end) in enumerate(positions):
            variant, times[start] = times[start], times[start] + 1
            is_sign = not name.startswith("ReplaceBinaryOperator") or _is_within(start, signs)
            if is_sign and not _is_within(start, left_out):
                made.append(
                    Mutation(
                        path=path,
                        operator=name,
                        occurrence=occurrence,
                        variant=variant,
                        start=start,
                        end=end,
                    )
                )
    return made


def functions(path: str) -> list[tuple[str, range]]:
    """The outermost functions of a module: their qualified names, and the lines of their bodies."""
    found: list[tuple[str, range]] = []

    def look(statements: Sequence[ast.stmt], prefix: str) -> None:
        for statement in statements:
            if isinstance(statement, ast.ClassDef):
                look(statement.body, f"{prefix}{statement.name}.")
            elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                body = range(statement.body[0].lineno, (statement.end_lineno or 0) + 1)
                found.append((prefix + statement.name, body))

    look(ast.parse(_source(path)).body, "")
    return found


def modules(folders: Sequence[str]) -> list[str]:
    """The modules in these folders, or of these names, relative to the repository."""
    files = (file for folder in folders for file in _files(ROOT / folder))
    return sorted({str(file.relative_to(ROOT)) for file in files if file.name != "__init__.py"})


def _files(place: Path) -> Iterator[Path]:
    return iter([place]) if place.is_file() else place.rglob("*.py")


def _is_within(position: Position, places: Sequence[tuple[Position, Position]]) -> bool:
    return any(first <= position < last for first, last in places)


def _signs(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """Where binary operators stand; a star among parameters is none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            yield _end(node.left), (node.right.lineno, node.right.col_offset)


def _beside_the_point(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """What no test of these could tell.

    Annotations and the promises of dataclasses, which mypy reads; limits that only spare the database work; locks of
    rows and turns that are taken, which SQLite does not have; and that `zip` is strict, which shows in a mistake of
    the code alone.
    """
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.ClassDef):
            parts += node.decorator_list
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp):
            is_alias = isinstance(node.targets[0], ast.Name) and node.targets[0].id.istitle()
            parts += [node.value] if is_alias else []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "limit":
            parts += [arg for arg in node.args if isinstance(arg, ast.Constant) and arg.value == 1]
        if isinstance(node, ast.Call):
            guards = (
                ("with_for_update", "strict") if ast.unparse(node.func) == "zip" else ("with_for_update",)
            )
            parts += [keyword.value for keyword in node.keywords if keyword.arg in guards]
            parts += [node] if ast.unparse(node.func).endswith("take_turn") else []
        for part in parts:
            if isinstance(part, ast.expr):
                yield (part.lineno, part.col_offset), _end(part)


def _end(node: ast.expr) -> Position:
    return node.end_lineno or 0, node.end_col_offset or 0


@cache
def _source(path: str) -> str:
    return (ROOT / path).read_text()
