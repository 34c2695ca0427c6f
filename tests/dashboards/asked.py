"""Every question that dashboards, rules and alerts ask Prometheus, read from what Grafana and Prometheus read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DASHBOARDS = Path(__file__).parent.parent.parent / "dashboards"
BOARDS = sorted((DASHBOARDS / "json").glob("*.json"))

_CHOICES = {
    "$cohort": ".*",
    "$wave": ".*",
    "$__rate_interval": "30s",
    "$__range": "10m",
}
_LIMIT = re.compile(r"\s+(>|<)\s+[\d.]+\s*$")


@dataclass(frozen=True)
class Asked:
    """One query, and where it is asked."""

    place: str
    expression: str


def panels(board: Path) -> list[dict[str, Any]]:
    """The panels of a dashboard, without the titles of its rows."""
    return [panel for panel in json.loads(board.read_text())["panels"] if panel["type"] != "row"]


def of_panels() -> Iterator[Asked]:
    """The queries of all panels, annotations and variables."""
    for board in BOARDS:
        for panel in panels(board):
            for target in panel["targets"]:
                yield Asked(f"{board.stem}: {panel['title']}", _chosen(target["expr"]))
        described = json.loads(board.read_text())
        for mark in described["annotations"].get("list", []):
            yield Asked(f"{board.stem}: mark {mark['name']}", _chosen(mark["expr"]))
        for variable in described["templating"]["list"]:
            if variable["type"] == "query":
                match = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
                assert match
                yield Asked(f"{board.stem}: variable {variable['name']}", _chosen(match[1]))


def rules(name: str) -> list[dict[str, Any]]:
    """The rules of a file."""
    return [
        rule for group in yaml.safe_load((DASHBOARDS / name).read_text())["groups"] for rule in group["rules"]
    ]


def of_rules() -> Iterator[Asked]:
    """The queries of recording rules."""
    for rule in rules("rules.yml"):
        yield Asked(f"rule {rule['record']}", rule["expr"])


def of_alerts() -> Iterator[Asked]:
    """What alerts compare with their limit: the limit itself is for `promtool test rules`."""
    for rule in rules("alerts.yml"):
        assert _LIMIT.search(rule["expr"]), f"{rule['alert']} ends with no limit"
        yield Asked(f"alert {rule['alert']}", _LIMIT.sub("", rule["expr"]))


def everything() -> list[Asked]:
    """All of them."""
    return [*of_panels(), *of_rules(), *of_alerts()]


def _chosen(expression: str) -> str:
    for variable, value in _CHOICES.items():
        expression = expression.replace(variable, value)
    assert "$" not in expression, expression
    return expression
