"""`offramp today`: the console's home page in the terminal, and an exit code that says whether there is work."""

import json
from dataclasses import replace

from domain.rollouts.rollout import Stage
from domain.safety.end_dates import EndDate
from store import Database
from store.rollouts import cohorts
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_policy
from tests.offramp.conftest import Run


def pause(database: Database) -> None:
    with database.transaction() as session:
        policy = make_policy(end=EndDate(at=START.replace(year=2099)), name="of spring")
        cohort_id = keep_cohort(session, make_cohort(policy=policy))
        where = cohorts.standing(cohorts.get(session, cohort_id))
        paused = replace(where, stage=Stage.PAUSED, because="olga: a bad day", since=START)
        cohorts.stand(session, cohort_id, paused)


def test_nothing_to_do_is_said_and_is_well(offramp: Run, home_database: Database) -> None:
    assert home_database
    ran = offramp("today")
    assert ran.code == 0
    assert "Waits for somebody\nnothing\n" in ran.out
    assert "no rollout is under way" in ran.out


def test_what_is_held_is_said_with_its_reason_and_is_an_exit_code(
    offramp: Run, home_database: Database
) -> None:
    pause(home_database)
    ran = offramp("today")
    assert ran.code == 1
    assert "spring: paused, since" in ran.out
    assert "(olga: a bad day)" in ran.out
    assert "2099-03-02" in ran.out


def test_a_program_reads_the_same_as_json(offramp: Run, home_database: Database) -> None:
    pause(home_database)
    ran = offramp("today", "--json")
    shown = json.loads(ran.out)
    assert (ran.code, shown["holds"][0]["because"]) == (1, "olga: a bad day")
    assert [end["cohort"] for end in shown["ends"]] == ["spring"]
