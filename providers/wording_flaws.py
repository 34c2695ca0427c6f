"""Finds the flaws of one Jinja source by reading it, and by rendering it with sample values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from traceback import extract_tb

from jinja2 import Environment, TemplateSyntaxError, meta, nodes


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """What is wrong, and in which line of the source, if that is known."""

    line: int | None
    problem: str


def flaws(source: str, environment: Environment, values: Mapping[str, object]) -> Iterator[Flaw]:
    """Everything that would fail with these values. Unknown names count even in a branch that is not taken."""
    try:
        tree = environment.parse(source)
        environment.compile(source)
    except TemplateSyntaxError as error:
        yield Flaw(line=error.lineno, problem=error.message or "cannot be read")
        return
    unknown_names = meta.find_undeclared_variables(tree) - set(values)
    for name in sorted(unknown_names):
        yield Flaw(line=_line_of(name, tree), problem=f"{name} is not known here; {_instead(name, values)}")
    if not unknown_names:
        yield from _failure(source, environment, values)


def nearest(name: str, known_names: Mapping[str, object] | list[str]) -> str:
    """The known name that was probably meant, as a question; empty if none is near."""
    matches = get_close_matches(name, list(known_names), n=1)
    return f"did you mean {matches[0]}?" if matches else ""


def _failure(source: str, environment: Environment, values: Mapping[str, object]) -> Iterator[Flaw]:
    template = environment.from_string(source)
    try:
        template.render(values)
    except Exception as error:  # an expression may raise anything
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == "<template>"]
        yield Flaw(line=lines[-1] if lines else None, problem=f"{error}")


def _line_of(name: str, tree: nodes.Template) -> int | None:
    return next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), None)


def _instead(name: str, values: Mapping[str, object]) -> str:
    return nearest(name, values) or f"there are {', '.join(sorted(values))}"
