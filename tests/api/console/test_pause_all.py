"""Pause all: one order with a reason and a confirmation, which says what became of it, and is in logs and the audit."""

from typing import Any

import pytest

from domain.rollouts.rollout import Stage
from domain.staff.staff import AuditKind, Role
from tests.api.console.operators import away, log, stage, text
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import Browser, World
from tests.console import make_rollout

PAUSE_ALL = 'action="/console/pause-all"'
CONFIRMED: dict[str, Any] = {"reason": "texts cannot go out", "sure": "yes"}


def test_every_rollout_that_is_not_over_is_paused(local: World, olga: Browser, cohort_id: str) -> None:
    launching = make_rollout(local.database, people=2, name="launching", stage=Stage.LAUNCHING)
    aborted = make_rollout(local.database, people=2, name="aborted", stage=Stage.ABORTED)
    assert "All 2 rollouts are paused." in text(olga.post("/console/pause-all", **CONFIRMED))
    assert [stage(local, each) for each in (cohort_id, launching, aborted)] == ["paused", "paused", "aborted"]
    assert "All 2 rollouts" not in text(olga.get("/console")), "it is said once"


def test_who_paused_them_all_is_in_each_log_and_in_the_audit(world: World) -> None:
    rollouts = [make_rollout(world.database, people=2, name=name) for name in ("first", "second")]
    desk = at_desk(world, Role.OPERATOR, "olga@example.com")
    desk.browser.post("/console/pause-all", **CONFIRMED)
    for cohort_id in rollouts:
        newest = log(world, cohort_id)[0]
        assert (newest.kind, newest.by, newest.reason) == ("pause", "olga@example.com", "texts cannot go out")
    entries = [entry for entry in audited(world) if entry.kind == AuditKind.ROLLOUT_ORDERED]
    assert {entry.cohort_id for entry in entries} == set(rollouts)
    assert {(entry.by, entry.reason) for entry in entries} == {("olga@example.com", "texts cannot go out")}


@pytest.mark.parametrize("form", [{"reason": "a <b>test</b>"}, {"reason": " ", "sure": "yes"}])
def test_without_a_reason_or_a_confirmation_nothing_is_paused(
    local: World, olga: Browser, cohort_id: str, form: dict[str, Any]
) -> None:
    answer = olga.post("/console/pause-all", **form)
    assert answer.status_code == 400
    assert "Say why, and confirm that all rollouts are meant." in text(answer)
    assert stage(local, cohort_id) == Stage.BAKING
    assert f'value="{form["reason"].replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text


def test_while_temporal_is_away_the_page_names_what_was_not_paused(
    local: World, olga: Browser, cohort_id: str
) -> None:
    for number in range(6):
        make_rollout(local.database, people=1, name=f"cohort-{number}")
    away(local)
    answer = olga.post("/console/pause-all", **CONFIRMED)
    assert answer.status_code == 409
    assert "7 of 7 rollouts were not paused. cohort-5: Temporal does not answer" in text(answer)
    assert "and 2 more" in text(answer)
    assert 'value="texts cannot go out"' in answer.text


def test_whoever_only_looks_has_no_such_button(world: World) -> None:
    make_rollout(world.database, people=1)
    assert PAUSE_ALL not in at_desk(world, Role.VIEWER).browser.get("/console").text
    operator: Desk = at_desk(world, Role.OPERATOR)
    assert PAUSE_ALL in operator.browser.get("/console").text
