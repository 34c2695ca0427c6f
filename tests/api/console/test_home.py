"""The console's home page leads to whatever waits, and only where the member may go."""

import pytest

from domain.desk.stuck import Obstacle
from domain.rollouts.rollout import Command, Stage
from domain.staff.staff import Role
from store.rollouts import cohorts
from tests.api.console.operators import SMALL, order, stage, text
from tests.api.staff.staff import at_desk
from tests.api.world import Browser, World
from tests.factories import keep_cohort, make_member
from tests.store.desk.test_stuck import make_stuck


def test_an_empty_console_says_so_and_offers_the_first_cohort(olga: Browser) -> None:
    page = text(olga.get("/console/home"))
    assert "Waits for somebody Nothing." in page
    assert "Held Nothing." in page
    assert "No rollout is under way. Describe a cohort" in page
    assert "passkeys made 0 0.0" in page


def test_a_paused_rollout_is_held_with_its_reason_and_runs_on_the_page(local: World, olga: Browser) -> None:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session)
    order(olga, cohort_id, Command.PAUSE, reason="a bad day")
    assert stage(local, cohort_id) == Stage.PAUSED
    answer = olga.get("/console/home")
    page = text(answer)
    assert "spring: paused, since" in page
    assert "a bad day" in page
    assert f'href="/console/cohorts/{cohort_id}"' in answer.text
    assert "resume, abort or rollback" in page


def test_the_page_keeps_itself_fresh(olga: Browser) -> None:
    assert 'data-live-from="/console/home/live"' in olga.get("/console/home").text
    fresh = olga.get("/console/home/live")
    assert 'id="part-today"' in fresh.text
    assert "<html" not in fresh.text


@pytest.mark.parametrize("role", Role)
def test_whoever_may_not_go_there_reads_the_number_alone(world: World, role: Role) -> None:
    with world.database.transaction() as session:
        make_member(session, keep_cohort(session), make_stuck(session, Obstacle.NUDGES_USED_UP))
    desk = at_desk(world, role)
    page = desk.browser.get("/console/home").text
    assert "people who are stuck" in page
    assert 'href="/console/stuck"' in page
    is_allowed = role in (Role.OPERATOR, Role.ADMIN)
    assert ('href="/console/launch"' in page) is is_allowed


def test_a_launched_cohort_runs(local: World, olga: Browser) -> None:
    olga.post("/console/launch", description=SMALL, reason="spring")
    with local.database.reading() as session:
        assert cohorts.by_name(session, "small")
    assert "small" in text(olga.get("/console/home"))
