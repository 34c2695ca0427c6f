"""`offramp cohort archive`, `unarchive` and `list --archived`."""

import json

import pytest

from domain.rollouts.rollout import Stage
from store import Database
from store.rollouts import cohorts
from tests.console import set_stage
from tests.factories import keep_cohort
from tests.offramp.conftest import Run

WHY = ("--reason", "all moved", "--by", "olga")


@pytest.fixture(autouse=True)
def spring(home_database: Database) -> str:
    with home_database.transaction() as session:
        cohort_id = keep_cohort(session)
        set_stage(session, cohort_id, Stage.ROLLED_BACK)
    return cohort_id


def names(offramp: Run, *options: str) -> list[str]:
    return [line["name"] for line in json.loads(offramp("cohort", "list", "--json", *options).out)]


def test_a_cohort_leaves_the_list_and_comes_back(offramp: Run, home_database: Database, spring: str) -> None:
    assert offramp("cohort", "archive", "spring", *WHY).code == 0
    assert (names(offramp), names(offramp, "--archived")) == ([], ["spring"])
    assert "every cohort is archived" in offramp("cohort", "list").out
    assert offramp("cohort", "status", "spring").code == 0
    assert offramp("cohort", "unarchive", "spring", *WHY).code == 0
    assert (names(offramp), names(offramp, "--archived")) == (["spring"], [])
    with home_database.reading() as session:
        log = [(entry.kind, entry.by) for entry in cohorts.entries(session, spring, limit=2)]
    assert log == [("unarchived", "olga"), ("archived", "olga")]


def test_what_goes_on_is_not_archived(offramp: Run, home_database: Database, spring: str) -> None:
    with home_database.transaction() as session:
        set_stage(session, spring, Stage.BAKING)
    ran = offramp("cohort", "archive", "spring", *WHY)
    assert (ran.code, "the rollout is not over (baking)" in ran.err) == (1, True)
    assert offramp("cohort", "archive", "autumn", *WHY).code == 1
    assert offramp("cohort", "archive", "spring").code == 2
