"""What workflows reach in the domain asks no clock, no chance and no environment: the sandbox does not look there."""

from pathlib import Path

import pytest

from tests.workflows.replays.purity import ROOT, impurities, reached


def test_workflows_reach_the_rules_that_this_is_about() -> None:
    names = {str(path.relative_to(ROOT)) for path in reached()}
    assert names >= {"domain/journey.py", "domain/messages/cadence.py", "domain/rollouts/rollout.py"}


@pytest.mark.parametrize("path", reached(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_that_workflows_reach_is_pure(path: Path) -> None:
    assert list(impurities(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import random",
        "from os import environ",
        "from secrets import token_hex",
        "from pathlib import Path",
        "import logging",
        "from datetime import datetime\nstart = datetime.now()",
        "from datetime import datetime\nask = datetime.now",
        "from datetime import date\nday = date.today()",
        "def local(at):\n    return at.astimezone()",
        "def share(name):\n    return hash(name)",
        "rows = open('rows')",
        "for name in {'a', 'b'}:\n    pass",
        "names = [name for name in set(read())]",
        "names = list({'a', 'b'})",
    ],
)
def test_what_is_impure_is_found(source: str) -> None:
    assert list(impurities(source))


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime, UTC\ndef later(at):\n    return at.astimezone(UTC)",
        "names = sorted({'a', 'b'})",
        "known = 'a' in {'a', 'b'}",
        "from domain.facts import Facts",
    ],
)
def test_what_is_pure_is_let_be(source: str) -> None:
    assert list(impurities(source)) == []
