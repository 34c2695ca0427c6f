"""`offramp cohort diff`: what an edit would change, and whether the rollout would take it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.presets import STANDARD
from domain.rollouts.cohorts import Cohort
from services.rollouts.descriptions import written
from store import Database
from store.rollouts import cohorts
from tests.factories import keep_cohort, make_cohort
from tests.offramp.conftest import Ran, Run

SPRING = make_cohort()


@pytest.fixture(autouse=True)
def spring(home_database: Database) -> str:
    with home_database.transaction() as session:
        return keep_cohort(session, SPRING)


def compared(offramp: Run, home: Path, cohort: Cohort, *options: str) -> Ran:
    file = home.parent / "cohort.toml"
    file.write_text(written(cohort))
    return offramp("cohort", "diff", str(file), *options)


def test_it_says_what_would_change_and_changes_nothing(
    offramp: Run, home: Path, home_database: Database, spring: str
) -> None:
    longer = replace(SPRING, policy=replace(STANDARD, name="ours", notice=timedelta(days=10)))
    ran = compared(offramp, home, longer)
    assert ran.code == 0
    for words in (
        "Notice before codes are suspended",
        "7 d",
        "10 d",
        "get another letter first",
        "launching wave 1",
    ):
        assert words in ran.out
    with home_database.reading() as session:
        assert cohorts.description(cohorts.get(session, spring)) == SPRING


def test_the_same_description_changes_nothing(offramp: Run, home: Path) -> None:
    assert "nothing would change" in compared(offramp, home, SPRING).out


def test_what_the_rollout_would_not_take_has_another_exit_code(offramp: Run, home: Path) -> None:
    ran = compared(offramp, home, replace(SPRING, holdout_percent=5), "--json")
    assert ran.code == 1
    assert "holdout_percent cannot change after the launch" in json.loads(ran.out)["refusal"]
    assert compared(offramp, home, replace(SPRING, name="autumn")).code == 1
