"""No answer to a passkey ceremony breaks a page, whatever a browser or somebody in its place puts into it."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from domain.staff.staff import Role
from store import Database
from tests.api.staff.staff import at_desk
from tests.api.web.odd_requests import CEREMONY_FIELDS, JSON, NASTY_JSON, Broken, odd_ones
from tests.api.world import Browser, World, make_world
from tests.clocks import FakeClock

A_DAY = timedelta(days=1)
AS_SCRIPT = {"content-type": JSON, "accept": JSON}


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """On both kinds of database: what does no harm is kept."""
    return make_world(database, clock)


Ceremony = tuple[Browser, str, Callable[[dict[str, Any]], dict[str, Any]]]


def binding(world: World) -> Ceremony:
    browser = world.browser()
    browser.sign_in_by_code(world.account())
    return browser, "/passkeys", world.authenticator().create


def proving(world: World) -> Ceremony:
    browser, _, _ = binding(world)
    authenticator = world.authenticator()
    browser.make_passkey(authenticator)
    return browser, "/passkeys/prove", authenticator.get


def staff_binding(world: World) -> Ceremony:
    desk = at_desk(world, Role.ADMIN, f"{uuid4()}@example.com")
    desk.step_up()
    return desk.browser, "/console/me/passkeys", world.authenticator().create


@pytest.mark.parametrize("begin", [binding, proving, staff_binding])
def test_no_answer_to_a_ceremony_breaks_a_page(world: World, begin: Callable[[World], Ceremony]) -> None:
    broken = Broken()
    browser, path, answer = begin(world)
    for field, value in product(CEREMONY_FIELDS, NASTY_JSON):
        for odd_one in odd_ones(answer(browser.send(f"{path}/options").json()), field, value):
            body = json.dumps(odd_one).encode()
            request = partial(browser.client.post, path, content=body, headers=AS_SCRIPT)
            if broken.watch(f"{path}: {field}", odd_one, request) != "400":
                # What did no harm was taken; there is room for some passkeys only, and limits for each address.
                world.clock.advance(A_DAY)
                browser, path, answer = begin(world)
    assert broken.requests == {}
