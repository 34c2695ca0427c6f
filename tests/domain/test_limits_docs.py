"""`docs/limits.md` tells every time, size and count that no setting changes, and the code keeps what the page tells."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import fields
from datetime import time, timedelta
from pathlib import Path

import pytest

from domain.facts import Channel
from domain.messages.budgets import BUDGETS, PACES
from domain.policy import NudgeStep, Policy
from domain.presets import PRESETS
from domain.safety.throttle import LIMITS, Limit, Throttle
from tests.named_tests import table_rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "limits.md"
ROOMS = ("domain", "services", "store/journeys", "store/messages")
CHANNELS = {Channel.EMAIL: "e-mail", Channel.SMS: "text message"}


def lines_of_table(title: str) -> dict[str, list[str]]:
    """The rows of the page's tables whose header begins with a title: the last cell to the other cells."""
    text = PAGE.read_text()
    found: dict[str, list[str]] = {}
    for part in text.split("\n\n"):
        header = part.splitlines()[0] if part.strip() else ""
        if header.startswith(f"| {title} |"):
            for row in part.splitlines()[2:]:
                *others, last = (cell.strip() for cell in row.strip("|").split("|"))
                found[last.strip("`")] = others
    return found


def in_words(value: float | timedelta) -> str:
    """A time in its largest whole unit; any other number as it is written."""
    if not isinstance(value, timedelta):
        return f"{value:g}"
    seconds = value.total_seconds()
    units = {"day": 86400, "hour": 3600, "minute": 60}
    unit = next((name for name in units if seconds and seconds % units[name] == 0), "second")
    count = seconds / units.get(unit, 1)
    return f"{count:g} {unit}" + ("" if count == 1 else "s")


def constants() -> Iterator[tuple[str, float | timedelta]]:
    """Every public constant of these rooms that is a number or a time, by its full name."""
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        names = [name for name in _assigned(path) if name.isupper() and not name.startswith("_")]
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in names:
            value = getattr(importlib.import_module(module), name)
            if isinstance(value, int | float | timedelta):
                yield f"{module}.{name}", value


def _assigned(path: Path) -> Iterator[str]:
    for statement in ast.parse(path.read_text()).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_the_page_tells_every_constant_with_its_value() -> None:
    told = {name: cells[-1] for name, cells in lines_of_table("what").items()}
    assert told == {name: in_words(value) for name, value in constants()}


def test_the_page_tells_every_throttle_with_its_limit() -> None:
    told = {name: cells[-1] for name, cells in lines_of_table("what somebody does").items()}
    expected = {}
    for throttle in Throttle:
        limit = LIMITS[throttle]
        expected[throttle.name] = (
            f"{limit.most} in {in_words(limit.window)}"
            if isinstance(limit, Limit)
            else f"{limit.most} at once, then 1 every {in_words(limit.every)}"
        )
    assert told == expected


def test_the_page_tells_every_budget_of_messages() -> None:
    channels = set(CHANNELS.values())
    told = [cells for cells in table_rows(PAGE, "") if len(cells) == 4 and cells[1] in channels]
    assert told == [
        [f"`{purpose}`", CHANNELS[channel], str(budget.contact), str(budget.account)]
        for (purpose, channel), budget in BUDGETS.items()
    ]


def test_the_page_tells_how_long_notices_are_gathered() -> None:
    told = lines_of_table("gathered notices by")
    assert told == {
        in_words(pace.longest): [CHANNELS[channel], in_words(pace.first)] for channel, pace in PACES.items()
    }


def _step(step: NudgeStep) -> str:
    after = in_words(step.after) if step.after else "at once"
    return f"{after} by {CHANNELS[step.channel]}"


def _rule(policy: Policy, name: str) -> str:
    """A rule of a policy as the page writes it."""
    value = getattr(policy, name)
    if name == "cadence":
        return ", ".join(_step(step) for step in value)
    if name == "invitation":
        return _step(value)
    if value is None or value == ():
        return "never"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return in_words(value) if isinstance(value, int | float | timedelta) else str(value)


@pytest.mark.parametrize("rule", [field.name for field in fields(Policy) if field.name != "name"])
def test_the_page_tells_every_rule_of_every_preset(rule: str) -> None:
    rows = {cells[0].strip("`"): cells[1:] for cells in table_rows(PAGE, "")}
    assert list(PRESETS) == ["gentle", "standard", "firm", "fast"]
    assert rows[rule] == [_rule(policy, rule) for policy in PRESETS.values()]
