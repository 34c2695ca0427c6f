"""`offramp cohort compare`: two cohorts beside each other, for people and for programs."""

import json

from store import Database
from store.rollouts import tallies
from store.rollouts.measurements import WaveFunnel
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort
from tests.offramp.conftest import Run


def keep_two(database: Database) -> None:
    with database.transaction() as session:
        for name, holdout in (("autumn", 0), ("spring", 10)):
            cohort_id = keep_cohort(session, make_cohort(name=name, holdout_percent=holdout))
            funnel = [WaveFunnel(wave=0, members=10, launched=10, passkey_enrolled=7)]
            tallies.record(session, cohort_id, at=START, assessments=(), funnel=funnel)


def test_people_read_the_shares_and_what_differs(offramp: Run, home_database: Database) -> None:
    keep_two(home_database)
    ran = offramp("cohort", "compare", "autumn", "spring")
    assert ran.code == 0
    assert "70.0% (7)" in ran.out
    assert "Held out" in ran.out
    assert "10 %" in ran.out


def test_programs_read_the_same_as_json(offramp: Run, home_database: Database) -> None:
    keep_two(home_database)
    shown = json.loads(offramp("cohort", "compare", "autumn", "spring", "--json").out)
    assert shown["steps"][1]["first"] == {"people": 7, "share": 0.7}
    assert [each["place"] for each in shown["differences"]] == ["holdout_percent"]


def test_an_unknown_cohort_is_named(offramp: Run, home_database: Database) -> None:
    keep_two(home_database)
    ran = offramp("cohort", "compare", "autumn", "winter")
    assert ran.code != 0
    assert "no cohort is called winter" in ran.err
