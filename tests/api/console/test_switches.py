"""The page of the switches: who may turn them does so after stepping up, and all who see rollouts see them."""

import pytest

from domain.staff.staff import Role
from store.journeys import retiring
from tests.api.console.operators import text
from tests.api.staff.staff import Desk, at_desk, audited
from tests.api.world import World
from tests.factories import make_account


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin, signed in."""
    return at_desk(world, Role.ADMIN, "ada@example.com")


def is_stopped(world: World) -> bool:
    with world.database.reading() as session:
        return retiring.read(session).is_stopped


def test_an_admin_stops_and_resumes_it_with_a_reason(world: World, ada: Desk) -> None:
    ada.step_up()
    ada.browser.post("/console/switches/retiring/stop", reason="a passkey provider is down")
    assert is_stopped(world)
    page = ada.browser.get("/console/switches").text
    assert "Stopped: retiring for everybody." in text(ada.browser.get("/console"))
    assert "ada@example.com: a passkey provider is down" in page
    ada.browser.post("/console/switches/retiring/resume", reason="it is up again")
    assert not is_stopped(world)
    last = [(entry.kind, entry.by, entry.reason) for entry in audited(world)[-2:]]
    assert last == [
        ("retiring_stopped", "ada@example.com", "a passkey provider is down"),
        ("retiring_resumed", "ada@example.com", "it is up again"),
    ]


def test_it_asks_for_a_fresh_ceremony(world: World, ada: Desk) -> None:
    answer = ada.browser.post("/console/switches/retiring/stop", reason="a look")
    assert answer.headers["location"].startswith("/console/step-up")
    assert not is_stopped(world)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT, Role.OPERATOR])
def test_others_see_it_and_cannot_turn_it(world: World, ada: Desk, role: Role) -> None:
    desk = at_desk(world, role)
    desk.step_up()
    assert "Stop retiring" not in desk.browser.get("/console/switches").text
    assert desk.browser.post("/console/switches/retiring/stop", reason="a look").status_code == 403
    assert not is_stopped(world)


def test_without_a_reason_nothing_changes_and_the_page_says_why(world: World, ada: Desk) -> None:
    ada.step_up()
    answer = ada.browser.post("/console/switches/retiring/stop", reason=" ")
    assert (answer.status_code, "Say in a few words why." in answer.text) == (409, True)
    assert not is_stopped(world)


def test_it_is_resumed_while_promises_are_broken_only_by_whoever_has_looked(world: World, ada: Desk) -> None:
    with world.database.transaction() as session:
        make_account(session, facts_version=7)
    ada.step_up()
    ada.browser.post("/console/switches/retiring/stop", reason="a look")
    assert "facts journaled: 1" in ada.browser.get("/console/switches").text
    assert ada.browser.post("/console/switches/retiring/resume", reason="all well").status_code == 409
    assert is_stopped(world)
    ada.browser.post("/console/switches/retiring/resume", reason="a test account", anyway="yes")
    assert not is_stopped(world)


def test_an_operator_stops_prompts_in_a_browser_and_lets_them_come_back(world: World) -> None:
    olga = at_desk(world, Role.OPERATOR, "olga@example.com")
    olga.step_up()
    page = "/console/switches"
    olga.browser.post(f"{page}/prompts/stop", by="browser", value="chrome 131", reason="passkeys fail there")
    shown = text(olga.browser.get(page))
    assert "browser Chrome 131" in shown
    assert "olga@example.com: passkeys fail there" in shown
    assert "Stopped: prompts for browser Chrome 131." in text(olga.browser.get("/console"))
    olga.browser.post(f"{page}/prompts/resume", by="browser", value="Chrome 131", reason="it was mended")
    assert "olga@example.com: it was mended" in text(olga.browser.get(page))
    assert "Stopped:" not in text(olga.browser.get("/console"))


def test_a_slice_that_makes_no_sense_is_refused_and_what_was_typed_stays(world: World) -> None:
    olga = at_desk(world, Role.OPERATOR, "olga@example.com")
    olga.step_up()
    answer = olga.browser.post(
        "/console/switches/launches/stop", by="country", value="Germany", reason="texts do not arrive"
    )
    assert (answer.status_code, "no country has the code GERMANY" in text(answer)) == (409, True)
    assert "texts do not arrive" in answer.text
