"""The home page's content: what runs, is held, waits for somebody, ends soon, and how yesterday was."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.desk.stuck import Obstacle
from domain.errors import Refused
from domain.journal import EventKind
from domain.rollouts.guardrails import Metric
from domain.rollouts.rollout import OVER, Stage
from domain.rollouts.slices import Dimension, Slice
from domain.safety.end_dates import EndDate
from domain.switches import Switch
from domain.words.today_words import HAPPENED, HoldKind, WaitingKind
from services.figures import rested_figures, today
from services.figures.today import Today
from services.figures.today_figures import TodayFigures
from services.safety import guard, switches
from store import Database, Session
from store.rollouts import cohorts, slice_holds
from tests.adoption import happen
from tests.clocks import START, FakeClock
from tests.factories import keep_cohort, make_account, make_cohort, make_member, make_policy
from tests.store.desk.test_stuck import make_stuck
from tests.switches import ADA, turn

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def seen(session: Session) -> Today:
    return today.read(session, days=[Counter() for _ in today.dates(START)], stuck=0, now=START)


def stand(session: Session, name: str, stage: Stage, **changes: Any) -> str:
    """A cohort whose rollout stands at a stage."""
    policy = changes.pop("policy", None)
    cohort_id = keep_cohort(session, make_cohort(name=name, **({"policy": policy} if policy else {})))
    where = cohorts.standing(cohorts.get(session, cohort_id))
    cohorts.stand(session, cohort_id, replace(where, stage=stage, since=START - DAY, **changes))
    return cohort_id


def test_an_empty_database_has_nothing_to_show_and_shows_that(database: Database) -> None:
    with database.reading() as session:
        shown = seen(session)
    assert (shown.rollouts, shown.holds, shown.waiting, shown.ends) == ((), (), (), ())
    assert {(figure.yesterday, figure.usual) for figure in shown.figures} == {(0, 0.0)}


@pytest.mark.parametrize("stage", Stage)
def test_what_runs_is_what_is_not_over(sqlite_database: Database, stage: Stage) -> None:
    with sqlite_database.transaction() as session:
        cohort_id = stand(session, "spring", stage)
        make_member(session, cohort_id)
        shown = seen(session)
    assert [each.cohort for each in shown.rollouts] == ([] if stage in OVER else ["spring"])
    waits = {each.kind: each.count for each in shown.waiting}
    assert waits.get(WaitingKind.ROLLOUTS, 0) == (stage is Stage.HOLDING)


def test_what_is_held_says_why_and_since_when(database: Database) -> None:
    with database.transaction() as session:
        stand(session, "paused", Stage.PAUSED, because="olga: a bad day", paused_from=Stage.BAKING)
        stand(session, "suspect", Stage.BAKING, suspected_at=START - 2 * DAY)
        cohort_id = stand(session, "sliced", Stage.BAKING)
        held = Slice(by=Dimension.COUNTRY, value="BR")
        slice_holds.begin(session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=START)
        guard.put_up(session, ADA, length=6 * HOUR, reason="SIM swaps", at=START)
        for country in ("BR", "DE"):
            switches.stop(session, ADA, turn(Switch.PROMPTS, Dimension.COUNTRY, country))
        shown = seen(session)
    assert {(hold.kind, hold.cohort, hold.what, hold.because, hold.since) for hold in shown.holds} == {
        (HoldKind.GUARD, "", "", "ada: SIM swaps", START),
        (HoldKind.SWITCH, "", "prompts for country BR", "ada: something is down", START),
        (HoldKind.SWITCH, "", "prompts for country DE", "ada: something is down", START),
        (HoldKind.ROLLOUT, "paused", "", "olga: a bad day", START - DAY),
        (HoldKind.SUSPICION, "suspect", "", "", START - 2 * DAY),
        (HoldKind.SLICE, "sliced", str(held), str(Metric.PROMPT_FAILURES), START),
    }


def test_a_slice_that_was_lifted_and_a_rollout_that_is_over_are_not_held(database: Database) -> None:
    with database.transaction() as session:
        for name, stage in (("over", Stage.ABORTED), ("lifted", Stage.BAKING)):
            cohort_id = stand(session, name, stage)
            held = Slice(by=Dimension.COUNTRY, value="BR")
            slice_holds.begin(session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=START)
        hold = slice_holds.of_cohort(session, cohort_id)[0]
        slice_holds.end(session, cohort_id, hold.hold_id, by="olga", at=START)
        with pytest.raises(Refused):
            slice_holds.end(session, cohort_id, hold.hold_id, by="olga", at=START)
        assert seen(session).holds == ()


def test_people_who_are_stuck_wait_once_each(database: Database, clock: FakeClock) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        for _ in range(2):
            make_member(session, cohort_id, make_stuck(session, Obstacle.NUDGES_USED_UP))
        make_stuck(session, Obstacle.NUDGES_USED_UP, Obstacle.UNREACHABLE)
    shown = TodayFigures(database=database, clock=clock).read()
    assert {each.kind: each.count for each in shown.waiting}[WaitingKind.STUCK] == 3


def test_end_dates_are_shown_the_next_first_until_a_week_after_they_came(database: Database) -> None:
    with database.transaction() as session:
        for name, days in (("far", 90), ("near", 1), ("come", -6), ("long past", -8)):
            stand(
                session, name, Stage.BAKING, policy=make_policy(end=EndDate(at=START + days * DAY), name=name)
            )
        stand(session, "endless", Stage.BAKING)
        shown = seen(session)
    assert [(end.cohort, end.days) for end in shown.ends] == [("come", -6), ("near", 1), ("far", 90)]


def test_yesterday_stands_beside_a_day_of_the_week_before(database: Database, clock: FakeClock) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        for days in (0, 1, 1, 1, 2, 5, 8, 9):
            happen(session, account_id, EventKind.PASSKEY_BOUND, at=START - days * DAY)
        midnight = START.replace(hour=0)
        happen(session, account_id, EventKind.OBJECTED, at=midnight)
        happen(session, account_id, EventKind.OBJECTED, at=midnight - timedelta(microseconds=1))
        happen(session, account_id, EventKind.SIGNED_OUT, at=START - DAY)
    shown = TodayFigures(database=database, clock=clock).read()
    figures = {each.kind: (each.yesterday, each.usual) for each in shown.figures}
    assert figures[EventKind.PASSKEY_BOUND] == (3, round(3 / 7, 1))
    assert figures[EventKind.OBJECTED] == (1, 0.0)
    assert set(figures) == set(HAPPENED)
    assert shown.yesterday == (START - DAY).date()


def test_what_a_host_tells_of_late_counts_for_its_own_day(
    sqlite_database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rested_figures, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(rested_figures, "REST", 0)
    figures = TodayFigures(database=sqlite_database, clock=clock)
    with sqlite_database.transaction() as session:
        account_id = make_account(session).account_id
    for count in range(3):
        yesterday = {each.kind: each.yesterday for each in figures.read().figures}
        assert yesterday[EventKind.SUPPORT_CASE] == count
        with sqlite_database.transaction() as session:
            happen(session, account_id, EventKind.SUPPORT_CASE, at=START - DAY)
