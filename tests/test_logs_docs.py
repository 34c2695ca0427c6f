"""Every event that is logged is documented, and the reverse."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("activities", "api", "offramp", "providers", "services", "store", "workflows")
INDIRECT = {"answered", "sms_not_suspended", "sms_not_removed", "host_not_asked"}
"""Events whose name a variable holds where they are logged."""


def logged() -> Iterator[str]:
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text())):
                match call:
                    case ast.Call(
                        func=ast.Attribute(value=ast.Name(id="log")),
                        args=[ast.Constant(value=str(event)), *_],
                    ):
                        yield event


def test_every_event_of_the_log_is_documented_and_the_reverse() -> None:
    text = (ROOT / "docs" / "logs.md").read_text()
    table = text[text.index("## Events") : text.index("## Traces")]
    documented = {
        event
        for line in table.splitlines()
        for event in re.findall(r"`([a-z_]+)`", line.split("|")[1:2][0] if "|" in line else "")
    }
    assert documented == {*logged()} | INDIRECT


def test_events_that_variables_hold_are_in_the_code() -> None:
    code = "".join(file.read_text() for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    assert all(f'"{event}"' in code for event in INDIRECT)
