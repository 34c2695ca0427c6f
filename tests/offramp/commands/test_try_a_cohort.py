"""The walk through a cohort in ten minutes: its file takes everybody in, and its commands are what they were."""

import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from domain.rollouts.cohorts import Who
from services.rollouts.cohort_files import parse
from store import Database
from tests.offramp.conftest import Run

DOCS = Path(__file__).parents[3] / "docs"
WALK = (DOCS / "try-a-cohort.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/offramp (.+)$", WALK, re.MULTILINE)


def test_everybody_is_in_and_the_waves_take_a_minute() -> None:
    cohort = parse((DOCS / "cohort-to-try.toml").read_text(encoding="utf-8"))
    assert (cohort.include, cohort.exclude, cohort.guardrails) == (Who(), None, ())
    assert {wave.bake for wave in cohort.waves} == {timedelta(minutes=1)}
    assert cohort.waves[-1].percent == 100
    assert cohort.policy.notice < timedelta(minutes=1)


def test_the_plan_finds_all_sample_accounts(offramp: Run, home_database: Database) -> None:
    offramp("accounts", "import", str(DOCS / "sample-accounts.csv"))
    planned = offramp("cohort", "plan", str(DOCS / "cohort-to-try.toml"))
    assert planned.code == 0
    assert "5 members; 0 held out; 5 journeys to start" in planned.out


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_walk_is_one_with_its_options(offramp: Run, command: str) -> None:
    words = shlex.split(re.sub(r'"\$\([^"]*\)"', "2027-02-01", command))
    help_page = offramp(*words[:2], "--help").out
    assert help_page
    for option in (word for word in words if word.startswith("--")):
        assert option in help_page


def test_the_walk_goes_from_the_plan_to_the_end_date() -> None:
    named = [shlex.split(re.sub(r'"\$\([^"]*\)"', "d", command))[1] for command in COMMANDS]
    assert list(dict.fromkeys(named)) == [
        *("import", "plan", "launch", "status", "pause", "resume"),
        *("if-ended-today", "move-end", "abort"),
    ]
