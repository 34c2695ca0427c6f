"""Ceremonies of staff in several tabs, and what their devices are told."""

import pytest

from api.staff.visits import HOME
from domain.codes import CHALLENGE_LIFETIME
from domain.staff.staff import Role
from providers.software_authenticator import BACKUP_ELIGIBLE, Authenticator, from_text
from tests.api.staff.staff import Desk, at_desk, kinds, member
from tests.api.world import World


@pytest.fixture
def ada(world: World) -> Desk:
    """An admin, signed in."""
    return at_desk(world, Role.ADMIN, "ada@example.com")


def test_the_answer_of_each_tab_is_taken_and_a_stale_one_is_no_failed_sign_in(
    world: World, ada: Desk
) -> None:
    ada.sign_out()
    stale, first = (ada.browser.send("/console/sign-in/options").json() for _ in range(2))
    assert ada.browser.send("/console/sign-in", ada.key.get(first)).status_code == 200
    before = kinds(world)
    error = ada.browser.send("/console/sign-in", ada.key.get(stale)).json()["error"]
    assert (error["calm"], error["next"], error["label"]) == (True, HOME, "Go to the console")
    assert kinds(world) == before


def test_two_tabs_step_up_each_by_its_own_challenge(ada: Desk) -> None:
    tabs = [ada.browser.send("/console/step-up/options").json() for _ in range(2)]
    for options in tabs:
        assert ada.browser.send("/console/step-up?next=/console", ada.key.get(options)).status_code == 200


def test_two_tabs_step_up_by_a_security_key_in_any_order(world: World, ada: Desk) -> None:
    ada.key.synced, ada.key.flags = False, BACKUP_ELIGIBLE
    ada.step_up()
    world.clock.advance(CHALLENGE_LIFETIME)
    late, fast = (ada.key.get(ada.browser.send("/console/step-up/options").json()) for _ in range(2))
    world.clock.advance(CHALLENGE_LIFETIME / 2)
    assert ada.browser.send("/console/step-up?next=/console", fast).status_code == 200
    error = ada.browser.send("/console/step-up?next=/console", late).json()["error"]
    assert (error["reason"], error["calm"]) == ("overtaken", True)


def test_a_members_device_is_told_which_passkeys_open_the_console(world: World, ada: Desk) -> None:
    told = ada.browser.get("/console/me/signals").json()
    assert from_text(told["userId"]).decode() == f"staff:{member(world, ada.address).staff_id}"
    assert told["name"] == f"{ada.address} (console)"
    assert len(told["accepted"]) == 1
    ada.step_up()
    options = ada.browser.send("/console/me/passkeys/options").json()
    assert ada.browser.get("/console/me/signals").status_code == 204
    assert options["user"]["name"] == told["name"]
    world.clock.advance(CHALLENGE_LIFETIME)
    assert ada.browser.get("/console/me/signals").json() == told
    assert 'content="/console/me/signals" data-changes' in ada.browser.get("/console/me").text
    assert 'content="/console/me/signals">' in ada.browser.get("/console").text


def test_a_person_at_the_consoles_door_loses_no_passkey(
    world: World, ada: Desk, phone: Authenticator
) -> None:
    account, browser = world.account(), world.browser()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    answer = ada.sign_in(key=phone)
    assert answer.json()["error"]["reason"] == "not_of_staff"
