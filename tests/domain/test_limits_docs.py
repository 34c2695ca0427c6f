"""`docs/limits.md` tells every time, size and count that no setting changes, and the code keeps what the page tells."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import fields
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from domain.facts import Channel
from domain.messages.budgets import BUDGETS, PACES
from domain.policy import NudgeStep, Policy
from domain.presets import PRESETS
from domain.recovery_rules import ProofKind
from domain.safety.throttle import LIMITS, Limit, Throttle
from services.rollouts.cohort_files import GUARDRAILS
from tests.named_tests import table_rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "limits.md"
ROOMS = ("domain", "services", "store/journeys", "store/messages")
INNER = frozenset(
    {
        *(f"domain.asking.{name}" for name in ("_CALM", "_URGENT")),
        *(f"domain.counting.{name}" for name in ("_MINUTE", "_HOUR", "_DAY")),
        *(f"domain.rollouts.launch_windows.{name}" for name in ("_DAY", "_SECOND")),
        *(f"domain.rollouts.holdout_comparison.{name}" for name in ("_STEPS", "_GOLDEN")),
        *("domain.rollouts.confidence._HALVINGS", "services.host.key_limits._SECOND"),
        "services.imports.file_lines._CHUNK",
        *("domain.evidence.entries.NEWEST_RULE", "domain.evidence.packs.VERSION"),
        *("domain.evidence.trees.SIZE", "services.evidence.pack_folders._LEVEL"),
        *("services.evidence.verifying._AT_ONCE", "services.evidence.handing_out._AT_ONCE"),
        *("services.evidence.pack_folders._OWNER_ALONE", "services.evidence.pack_folders._PAST"),
    }
)
"""Units, parts of other constants, and steps of a computation: what they are, nobody could see."""

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
        return f"{value:.10g}"
    seconds = value.total_seconds()
    units = {"day": 86400, "hour": 3600, "minute": 60}
    unit = next((name for name in units if seconds and seconds % units[name] == 0), "second")
    count = seconds / units.get(unit, 1)
    return f"{count:g} {unit}" + ("" if count == 1 else "s")


def told(value: object) -> str | None:
    """How the page writes a constant; None for one that is no number, no time, and no row of them."""
    if isinstance(value, int | float | timedelta):
        return in_words(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if (
        isinstance(value, tuple)
        and value
        and all(isinstance(each, float | int | timedelta) for each in value)
    ):
        return ", ".join(in_words(each) for each in value)
    return None


def constants() -> Iterator[tuple[str, str]]:
    """Every constant of these rooms that is a number, a time, or a row or table of them, as the page writes it."""
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in _assigned(path):
            full_name, value = f"{module}.{name}", getattr(importlib.import_module(module), name)
            for key, each in value.items() if isinstance(value, dict) else [(None, value)]:
                words = told(each) if key is None or isinstance(key, StrEnum) else None
                if words is not None and full_name not in INNER:
                    yield full_name if key is None else f"{full_name}[{key}]", words


def _assigned(path: Path) -> Iterator[str]:
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            yield from (node.id for node in names if isinstance(node.ctx, ast.Store) and node.id.isupper())


def test_the_page_tells_every_constant_with_its_value() -> None:
    on_page = {name: cells[-1] for name, cells in lines_of_table("what").items()}
    assert on_page == dict(constants())


def test_the_page_tells_every_throttle_with_its_limit() -> None:
    on_page = {name: cells[-1] for name, cells in lines_of_table("what somebody does").items()}
    expected = {}
    for throttle in Throttle:
        limit = LIMITS[throttle]
        expected[throttle.name] = (
            f"{limit.most} in {in_words(limit.window)}"
            if isinstance(limit, Limit)
            else f"{limit.most} at once, then 1 every {in_words(limit.every)}"
        )
    assert on_page == expected


def test_the_page_tells_every_budget_of_messages() -> None:
    channels = set(CHANNELS.values())
    on_page = [cells for cells in table_rows(PAGE, "") if len(cells) == 4 and cells[1] in channels]
    assert on_page == [
        [f"`{purpose}`", CHANNELS[channel], str(budget.contact), str(budget.account)]
        for (purpose, channel), budget in BUDGETS.items()
    ]


def test_the_page_tells_how_long_notices_are_gathered() -> None:
    assert lines_of_table("gathered notices by") == {
        in_words(pace.longest): [CHANNELS[channel], in_words(pace.first)] for channel, pace in PACES.items()
    }


def test_the_page_tells_every_guardrail_of_a_cohort_that_mentions_none() -> None:
    assert lines_of_table("looks back") == {
        guardrail.metric: [in_words(guardrail.window), f"{guardrail.limit:.0%}", guardrail.reaction]
        for guardrail in GUARDRAILS
    }


def _step(step: NudgeStep) -> str:
    after = in_words(step.after) if step.after else "at once"
    return f"{after} by {CHANNELS[step.channel]}"


_PAIRS = {
    (True, None): "two strong proofs",
    (True, ProofKind.EMAIL): "with an e-mail",
    (True, ProofKind.SMS): "with a text",
    (False, None): "an e-mail and a text",
}


def _wait_of(policy: Policy, kind: tuple[bool, ProofKind | None]) -> timedelta:
    """The one wait of all pairs of a kind."""
    is_strong, other = kind
    weak = {ProofKind.EMAIL, ProofKind.SMS}
    wanted = weak if not is_strong else {other} - {None}
    [wait] = {rule.wait for rule in policy.recovery if set(rule.proofs) & weak == wanted}
    return wait


def _rule(policy: Policy, name: str) -> str:
    """A rule of a policy as the page writes it."""
    value = getattr(policy, name)
    if name == "cadence":
        return ", ".join(_step(step) for step in value)
    if name == "invitation":
        return _step(value)
    if name == "recovery":
        waits = {kinds: _wait_of(policy, kinds) for kinds in _PAIRS}
        return ", ".join(
            f"{_PAIRS[kinds]}: {in_words(wait) if wait else 'at once'}" for kinds, wait in waits.items()
        )
    if value is None or value == ():
        return "never"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(in_words(part) if isinstance(part, timedelta) else part for part in value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return in_words(value) if isinstance(value, int | float | timedelta) else str(value)


@pytest.mark.parametrize("rule", [field.name for field in fields(Policy) if field.name != "name"])
def test_the_page_tells_every_rule_of_every_preset(rule: str) -> None:
    rows = {cells[0].strip("`"): cells[1:] for cells in table_rows(PAGE, "")}
    assert list(PRESETS) == ["gentle", "standard", "firm", "fast"]
    assert rows[rule] == [_rule(policy, rule) for policy in PRESETS.values()]
