"""Cohorts are kept as described, change only in what moves nobody, and remember who did what."""

from datetime import UTC, datetime, time, timedelta

import pytest

from domain.errors import Refused, Unknown
from domain.presets import FAST, STANDARD
from domain.rollouts.cohorts import Cohort, Wave, Who
from domain.rollouts.guardrails import Against, Metric, Reaction
from domain.rollouts.launch_windows import Freeze, LaunchWindows, Weekday
from domain.rollouts.reach_checks import reach_problems
from domain.rollouts.rollout import Stage, Standing
from store import Database
from store.journeys import policies
from store.rollouts import cohorts
from tests.clocks import START
from tests.factories import keep_cohort, make_cohort, make_guardrail
from tests.store.racing import at_once

LATER = START + timedelta(hours=1)
DETAILED = make_cohort(
    include=Who(
        countries=("DE", "AT"),
        locales=("de",),
        signed_in_since=START,
        phone_only=False,
        attributes={"plan": "plus"},
    ),
    exclude=Who(external_ids=("host-1",), risk_tiers=("high",), device_ready=False),
    waves=(Wave(percent=0.5, bake=timedelta(hours=36)), Wave(percent=12.25, bake=timedelta())),
    windows=LaunchWindows(
        weekdays=(Weekday.MONDAY, Weekday.FRIDAY),
        opens=time(9, 30),
        closes=time(17),
        time_zone="Europe/Berlin",
        freezes=(Freeze(begins=START, ends=datetime(2026, 4, 1, tzinfo=UTC), reason="Easter"),),
    ),
    guardrails=(
        make_guardrail(),
        make_guardrail(Metric.UNDELIVERED, against=Against.HOLDOUT, reaction=Reaction.NOTIFY),
    ),
)


def describe_anew(database: Database, cohort_id: str, cohort: Cohort) -> None:
    with database.transaction() as session:
        cohorts.describe_anew(session, cohort_id, cohort, at=LATER)


def test_a_description_comes_back_as_it_was(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, DETAILED)
    with database.reading() as session:
        row = cohorts.get(session, cohort_id)
        assert cohorts.description(row) == DETAILED
        assert policies.get(session, row.policy_id) == DETAILED.policy
        assert (row.launched_at, row.stage) == (START, Stage.LAUNCHING)
        assert cohorts.standing(row) == Standing(since=START)


def test_percents_of_a_launched_cohort_that_a_new_one_may_not_have_still_load(database: Database) -> None:
    waves = tuple(Wave(percent=percent, bake=timedelta()) for percent in (0.001, 0.015, 0.025))
    odd = make_cohort(holdout_percent=0.001, waves=waves)
    assert reach_problems(odd.waves, odd.holdout_percent)
    with database.transaction() as session:
        cohort_id = keep_cohort(session, odd)
    with database.reading() as session:
        assert cohorts.description(cohorts.get(session, cohort_id)) == odd


def test_each_cohort_draws_its_own_salt(database: Database) -> None:
    with database.transaction() as session:
        ids = [keep_cohort(session, make_cohort(name=name)) for name in ("spring", "summer")]
        assert len({cohorts.get(session, cohort_id).salt for cohort_id in ids}) == 2


def test_a_name_is_taken_once(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        with pytest.raises(Refused, match="named spring already"):
            keep_cohort(session)
    with database.reading() as session:
        spring = cohorts.by_name(session, "spring")
        assert spring
        assert spring.cohort_id == cohort_id
        assert cohorts.by_name(session, "summer") is None


def test_of_two_who_launch_one_name_at_once_one_is_refused(database: Database) -> None:
    def launch() -> str | Refused:
        try:
            with database.transaction() as session:
                return keep_cohort(session)
        except Refused as refused:
            return refused

    answers = at_once(launch, times=2)
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]


def test_the_newest_comes_first(database: Database) -> None:
    with database.transaction() as session:
        for name in ("spring", "summer", "autumn"):
            keep_cohort(session, make_cohort(name=name))
    with database.reading() as session:
        assert [row.name for row in cohorts.every(session)] == ["autumn", "summer", "spring"]


def test_an_unknown_cohort_is_unknown(database: Database) -> None:
    with database.reading() as session, pytest.raises(Unknown):
        cohorts.get(session, "nothing")


def test_waves_pace_hours_guardrails_and_policy_may_change(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session, make_cohort(policy=STANDARD))
    changed = make_cohort(
        policy=FAST, waves=(Wave(percent=2, bake=timedelta()),), pace=1, guardrails=(make_guardrail(),)
    )
    describe_anew(database, cohort_id, changed)
    with database.reading() as session:
        row = cohorts.get(session, cohort_id)
        assert cohorts.description(row) == changed
        assert policies.get(session, row.policy_id) == FAST


def test_a_standing_is_repeated_for_queries(database: Database) -> None:
    where = Standing(stage=Stage.BAKING, version=2, since=LATER, bakes_until=LATER, because="ada: go on")
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        cohorts.stand(session, cohort_id, where)
    with database.reading() as session:
        row = cohorts.get(session, cohort_id)
        assert (row.stage, cohorts.standing(row)) == (Stage.BAKING, where)


def test_an_older_standing_never_overwrites_a_newer_one(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
    versions = iter([7, 3, 9, 1, 5, 8, 2, 4])

    def stand() -> None:
        with database.transaction() as session:
            cohorts.stand(session, cohort_id, Standing(stage=Stage.BAKING, version=next(versions)))

    at_once(stand)
    with database.reading() as session:
        assert cohorts.standing(cohorts.get(session, cohort_id)).version == 9


def test_entries_are_the_latest_newest_first(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        other = keep_cohort(session, make_cohort(name="summer"))
        for number in range(4):
            cohorts.note(session, cohort_id, "pause", by="ada", reason="why", at=LATER, number=number)
        cohorts.note(session, other, "pause", by="ada", reason="why", at=LATER)
    with database.reading() as session:
        assert [entry.detail["number"] for entry in cohorts.entries(session, cohort_id, limit=3)] == [3, 2, 1]
        assert len(cohorts.entries(session, other)) == 2


def test_an_entry_is_found_again_by_its_reason_and_time(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        assert cohorts.has_entry(session, cohort_id, "launch", since=START, reason="spring has come")
        assert not cohorts.has_entry(session, cohort_id, "launch", since=LATER, reason="spring has come")
        assert not cohorts.has_entry(session, cohort_id, "launch", since=START, reason="no")
        assert not cohorts.has_entry(session, cohort_id, "edit", since=START, reason="spring has come")
