"""`offramp cohort show`: the definition in words, as TOML that can be launched again, and for machines."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.presets import STANDARD
from services.rollouts.cohort_files import parse
from store import Database
from tests.factories import keep_cohort, make_cohort, make_guardrail
from tests.offramp.conftest import Run

SPRING = make_cohort(
    policy=replace(STANDARD, name="standard for spring", notice=timedelta(days=10)),
    guardrails=(make_guardrail(),),
)


@pytest.fixture(autouse=True)
def spring(home_database: Database) -> None:
    with home_database.transaction() as session:
        keep_cohort(session, SPRING)


def test_it_shows_what_differs_from_the_preset_and_with_all_the_rest(offramp: Run) -> None:
    ran = offramp("cohort", "show", "spring")
    assert ran.code == 0
    for words in ("Included", "everybody", "Wave 2: bakes for", "Lock-outs: limit", "Notice before codes"):
        assert words in ran.out
    assert "Cooling-off" not in ran.out
    assert "26 rules more are as in the preset" in ran.err
    assert "Cooling-off" in offramp("cohort", "show", "spring", "--all").out


def test_what_it_writes_can_be_planned_and_reads_back_as_the_same_cohort(offramp: Run, home: Path) -> None:
    text = offramp("cohort", "show", "spring", "--toml").out
    assert parse(text) == SPRING
    file = home.parent / "spring.toml"
    file.write_text(text)
    assert offramp("cohort", "plan", str(file)).code == 0


def test_machines_get_every_rule(offramp: Run) -> None:
    described = json.loads(offramp("cohort", "show", "spring", "--json").out)
    assert described["policy"]["notice"] == "10 days"
    assert described["policy"]["cooling_off"] == "3 days"


def test_a_cohort_that_is_not_there_and_two_forms_at_once_are_refused(offramp: Run) -> None:
    ran = offramp("cohort", "show", "autumn")
    assert (ran.code, "no cohort is called autumn" in ran.err) == (1, True)
    assert offramp("cohort", "show", "spring", "--toml", "--json").code == 2
