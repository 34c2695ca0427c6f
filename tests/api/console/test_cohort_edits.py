"""Edits of a launched cohort in the console: preview, mistakes at their lines, and the order with a reason."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from domain.presets import STANDARD
from domain.rollouts.rollout import Command, Stage
from domain.staff.staff import AuditKind, Role
from services.rollouts.descriptions import written
from store.rollouts import cohorts
from tests.api.console.operators import away, log, order, text
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import Browser, World
from tests.console import set_stage
from tests.factories import keep_cohort, make_cohort, make_member

SPRING = make_cohort()
LONGER = written(replace(SPRING, policy=replace(STANDARD, name="ours", notice=timedelta(days=10))))
SLOWER = written(replace(SPRING, pace=7))


@pytest.fixture
def spring(local: World) -> str:
    with local.database.transaction() as session:
        cohort_id = keep_cohort(session, SPRING)
        make_member(session, cohort_id)
    return cohort_id


def path(cohort_id: str) -> str:
    return f"/console/cohorts/{cohort_id}/edit"


def pace(world: World, cohort_id: str) -> int:
    with world.database.reading() as session:
        return cohorts.description(cohorts.get(session, cohort_id)).pace


def save(browser: Browser, cohort_id: str, description: str, **form: str) -> Response:
    """Look at the preview, and save what it showed."""
    shown = browser.post(f"{path(cohort_id)}/preview", description=description)
    seen = re.search(r'name="seen" value="(\d+)"', shown.text)
    said: dict[str, Any] = {"seen": seen[1] if seen else "0", "reason": "slower"} | form
    return browser.post(path(cohort_id), description=description, **said)


def test_the_page_has_the_description_that_holds_and_nothing_to_save(olga: Browser, spring: str) -> None:
    assert f'href="{path(spring)}"' in olga.get(f"/console/cohorts/{spring}").text
    page = olga.get(path(spring)).text
    assert "name = &#34;spring&#34;" in page
    assert "Save the edit" not in page
    assert "Nothing: this is the description that holds." in text(
        olga.post(f"{path(spring)}/preview", description=written(SPRING))
    )


def test_a_preview_shows_old_and_new_and_what_it_does_to_people(olga: Browser, spring: str) -> None:
    page = text(olga.post(f"{path(spring)}/preview", description=LONGER))
    assert "Notice before codes are suspended policy.notice 7 d 10 d" in page
    assert "0 people under notice get another letter first" in page
    assert "Launched 1 E-mail not verified yet 1 No passkey yet 1" in page
    assert "The rollout would then be: launching wave 1 of 2, 5 %." in page


def test_an_edit_is_saved_with_a_reason_and_is_in_the_log(local: World, olga: Browser, spring: str) -> None:
    answer = save(olga, spring, SLOWER)
    assert answer.headers["location"] == f"/console/cohorts/{spring}"
    assert pace(local, spring) == 7
    assert (log(local, spring)[0].kind, log(local, spring)[0].reason) == ("edit", "slower")


def test_without_a_reason_nothing_is_saved_and_nothing_is_lost(
    local: World, olga: Browser, spring: str
) -> None:
    answer = save(olga, spring, SLOWER, reason=" ")
    assert answer.status_code == 400
    assert "pace = 7" in answer.text
    assert "Say why" in answer.text
    assert pace(local, spring) == 60


def test_mistakes_are_marked_at_their_line_and_the_text_stays(
    local: World, olga: Browser, spring: str
) -> None:
    wrong = SLOWER.replace("percent = 100", 'percent = "lots"')
    line = wrong.split("\n").index('percent = "lots"') + 1
    for where in (f"{path(spring)}/preview", path(spring)):
        answer = olga.post(where, description=wrong, reason="x")
        assert answer.status_code == 422
        assert f'data-line="{line}"' in answer.text
        assert f'Line {line} percent = "lots" waves[1].percent must be' in text(answer)
        assert "pace = 7" in answer.text
    assert pace(local, spring) == 60


def test_what_is_not_toml_is_marked_too(olga: Browser, spring: str) -> None:
    assert 'data-line="2"' in olga.post(f"{path(spring)}/preview", description='name = "a"\nx = = 1').text


def test_what_the_rollout_would_not_take_is_said_in_the_preview(
    local: World, olga: Browser, spring: str
) -> None:
    other = written(replace(SPRING, holdout_percent=5, pace=7))
    page = olga.post(f"{path(spring)}/preview", description=other)
    assert "holdout_percent cannot change after the launch" in text(page)
    assert "Save the edit" not in page.text
    with local.database.transaction() as session:
        set_stage(session, spring, Stage.ENDED)
    assert "the rollout is over" in text(olga.post(f"{path(spring)}/preview", description=SLOWER))
    assert path(spring) not in olga.get(f"/console/cohorts/{spring}").text


def test_an_edit_of_what_has_moved_on_is_refused_and_keeps_what_was_typed(
    local: World, olga: Browser, spring: str
) -> None:
    olga.post(f"{path(spring)}/preview", description=SLOWER)
    order(olga, spring, Command.PAUSE)
    answer = olga.post(path(spring), description=SLOWER, reason="slower", seen="1")
    assert answer.status_code == 409
    assert "the rollout has moved on since you looked" in text(answer)
    assert "pace = 7" in answer.text
    assert pace(local, spring) == 60
    away(local)
    assert save(olga, spring, SLOWER).status_code == 503


def test_a_description_of_another_cohort_edits_neither(local: World, olga: Browser, spring: str) -> None:
    answer = save(olga, spring, SLOWER.replace('"spring"', '"autumn"'), seen="1")
    assert answer.status_code == 409
    assert pace(local, spring) == 60


@pytest.fixture
def signed(world: World) -> tuple[Desk, str]:
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session, SPRING)
    return at_desk(world, Role.OPERATOR, "olga@example.org"), cohort_id


def test_a_member_shows_first_that_it_is_them_and_finds_the_form_filled_in(
    world: World, signed: tuple[Desk, str]
) -> None:
    olga, cohort_id = signed
    world.clock.advance(timedelta(minutes=10))
    answer = save(olga.browser, cohort_id, SLOWER)
    way_back = answer.headers["location"]
    assert way_back.startswith("/console/step-up")
    assert pace(world, cohort_id) == 60
    olga.step_up()
    page = olga.browser.get(
        re.sub(r"^.*next=", "", way_back).replace("%2F", "/").replace("%3F", "?").replace("%3D", "=")
    ).text
    assert "pace = 7" in page
    assert 'value="slower"' in page
    assert save(olga.browser, cohort_id, SLOWER).status_code == 303
    assert pace(world, cohort_id) == 7
    assert audited(world)[-1].kind == AuditKind.COHORT_EDITED


def test_a_text_that_is_too_long_to_be_kept_over_a_step_up_stays_on_the_page(
    world: World, signed: tuple[Desk, str]
) -> None:
    olga, cohort_id = signed
    world.clock.advance(timedelta(minutes=10))
    long = f"{SLOWER}# {'why ' * 3000}\n"
    answer = save(olga.browser, cohort_id, long)
    assert answer.status_code == 403
    assert "why why" in answer.text
    assert "Confirm that it is you" in answer.text
    assert pace(world, cohort_id) == 60
    olga.step_up()
    assert save(olga.browser, cohort_id, long).status_code == 303


def test_whoever_only_looks_edits_nothing(world: World, signed: tuple[Desk, str]) -> None:
    _, cohort_id = signed
    viewer = at_desk(world, Role.VIEWER, "vera@example.org")
    assert viewer.browser.get(path(cohort_id)).status_code == 403
    assert viewer.browser.post(path(cohort_id), description=SLOWER, reason="x", seen="1").status_code == 403
    assert path(cohort_id) not in viewer.browser.get(f"/console/cohorts/{cohort_id}").text
    assert viewer.browser.get("/console/cohorts/nowhere/edit").status_code == 403
