"""The console's page of the guard: admins raise and lower it after stepping up, and every page says that it is up."""

from datetime import timedelta
from typing import Any

import pytest

from domain.safety.guard import Guard
from domain.staff.staff import Role
from store.engine import raised_guards
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World

PAGE = "/console/guard"
FORM: dict[str, Any] = {"for": "6 hours", "reason": "SIM swaps"}


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin, signed in."""
    return at_desk(world, Role.ADMIN, "ada@example.com")


def find_up(world: World) -> Guard | None:
    with world.database.reading() as session:
        return raised_guards.find_up(session, now=world.clock())


def test_an_admin_raises_it_moves_its_end_and_lowers_it_with_reasons(world: World, ada: Desk) -> None:
    ada.step_up()
    assert "Raise the guard" in ada.browser.get(PAGE).text
    assert ada.browser.post(f"{PAGE}/up", **FORM).headers["location"] == PAGE
    page = ada.browser.get(PAGE).text
    assert "Up for everybody" in page
    assert "by ada@example.com: SIM swaps" in page
    ada.browser.post(f"{PAGE}/end", **(FORM | {"for": "1 day", "reason": "it goes on"}))
    up = find_up(world)
    assert up is not None
    assert up.until - world.clock() > timedelta(hours=23)
    ada.browser.post(f"{PAGE}/down", reason="it is over")
    assert find_up(world) is None
    assert "Lowered by ada@example.com: it is over" in ada.browser.get(PAGE).text
    last = [(entry.kind, entry.by, entry.reason) for entry in audited(world)[-3:]]
    assert last == [
        ("guard_raised", "ada@example.com", "SIM swaps"),
        ("guard_raised", "ada@example.com", "it goes on"),
        ("guard_lowered", "ada@example.com", "it is over"),
    ]


@pytest.mark.parametrize("order", ["up", "end", "down"])
def test_each_order_asks_for_a_fresh_ceremony(world: World, ada: Desk, order: str) -> None:
    answer = ada.browser.post(f"{PAGE}/{order}", **FORM)
    assert answer.headers["location"].startswith("/console/step-up")
    assert find_up(world) is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT, Role.OPERATOR])
def test_others_see_it_and_cannot_turn_it(world: World, ada: Desk, role: Role) -> None:
    desk = at_desk(world, role)
    desk.step_up()
    assert "Raise the guard" not in desk.browser.get(PAGE).text
    assert desk.browser.post(f"{PAGE}/up", **FORM).status_code == 403
    assert find_up(world) is None


def test_every_page_of_the_console_says_that_it_is_up_until_it_is_over(world: World, ada: Desk) -> None:
    ada.step_up()
    ada.browser.post(f"{PAGE}/up", **FORM)
    viewer = at_desk(world, Role.VIEWER)
    assert "The guard is up" in viewer.browser.get("/console").text
    world.clock.advance(timedelta(hours=6))
    assert "The guard is up" not in at_desk(world, Role.SUPPORT).browser.get("/console").text


@pytest.mark.parametrize(
    ("form", "status", "problem"),
    [
        ({"for": "6 hours", "reason": " "}, 409, "Say in a few words why."),
        ({"for": "6", "reason": "a look"}, 400, "lacks its unit"),
        ({"for": "8 days", "reason": "a look"}, 409, "15 minutes at least and 7 days at most"),
    ],
)
def test_what_is_not_right_is_said_and_what_was_typed_stays(
    world: World, ada: Desk, form: dict[str, Any], status: int, problem: str
) -> None:
    ada.step_up()
    answer = ada.browser.post(f"{PAGE}/up", **form)
    assert (answer.status_code, problem in answer.text) == (status, True)
    assert f'value="{form["for"]}"' in answer.text
    assert find_up(world) is None


def test_what_is_down_is_not_lowered(world: World, ada: Desk) -> None:
    ada.step_up()
    answer = ada.browser.post(f"{PAGE}/down", reason="a look")
    assert (answer.status_code, "the guard is not up" in answer.text) == (409, True)
