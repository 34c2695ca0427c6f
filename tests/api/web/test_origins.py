"""Forms, passkeys and their frames are held against one and the same list of origins."""

import json

import pytest

from providers.software_authenticator import Authenticator, from_text, to_text
from tests.api.world import ORIGIN, RP_ID, Browser, World, make_world

APP = "android:apk-key-hash:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq80"
ELSEWHERE = "https://login.example.de"
OTHERS = (ELSEWHERE, APP)


@pytest.fixture
def wide_world(world: World) -> World:
    """The same, with pages at another origin, and an app."""
    return make_world(world.database, world.clock, other_origins=OTHERS)


def at(world: World, origin: str) -> Browser:
    return world.browser(origin=origin)


@pytest.mark.parametrize("origin", [ORIGIN, *OTHERS])
def test_a_person_makes_and_uses_a_passkey_at_every_origin_of_ours(wide_world: World, origin: str) -> None:
    browser, account = at(wide_world, origin), wide_world.account()
    device = Authenticator(origin=origin, rp_id=RP_ID)
    assert browser.sign_in_by_code(account).status_code == 303
    assert browser.make_passkey(device).status_code == 200
    assert browser.prove_passkey().status_code == 200
    assert at(wide_world, origin).sign_in_by_passkey(device).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        f"{ELSEWHERE}:443",
        f"{ELSEWHERE}/",
        f"{ELSEWHERE}.evil.example",
        "http://login.example.de",
        "https://LOGIN.example.de",
        APP.upper(),
        APP[:-1],
        "null",
        "",
    ],
)
def test_what_is_nearly_an_origin_of_ours_is_none(wide_world: World, origin: str) -> None:
    account = wide_world.account()
    browser = at(wide_world, origin)
    assert browser.ask_for_code(account.phone).status_code == 403
    own = at(wide_world, ELSEWHERE)
    own.sign_in_by_code(account)
    assert own.make_passkey(Authenticator(origin=origin, rp_id=RP_ID)).status_code == 400


@pytest.mark.parametrize(
    ("frame", "is_taken"),
    [
        ({"crossOrigin": False}, True),
        ({"topOrigin": ELSEWHERE}, True),
        ({"topOrigin": "https://evil.example"}, False),
        ({"topOrigin": None}, False),
        ({"crossOrigin": True, "topOrigin": ELSEWHERE}, False),
    ],
)
def test_a_frame_of_our_own_pages_is_ours_and_a_frame_across_origins_is_not(
    wide_world: World, frame: dict[str, object], is_taken: bool
) -> None:
    browser, device = at(wide_world, ELSEWHERE), Authenticator(origin=ELSEWHERE, rp_id=RP_ID)
    browser.sign_in_by_code(wide_world.account())
    credential = device.create(browser.send("/passkeys/options").json())
    data = json.loads(from_text(credential["response"]["clientDataJSON"])) | frame
    credential["response"]["clientDataJSON"] = to_text(json.dumps(data).encode())
    assert (browser.send("/passkeys", credential).status_code == 200) is is_taken


def test_a_passkey_of_another_origin_opens_nothing(world: World, wide_world: World) -> None:
    account = wide_world.account()
    browser, device = at(wide_world, ELSEWHERE), Authenticator(origin=ELSEWHERE, rp_id=RP_ID)
    browser.sign_in_by_code(account)
    browser.make_passkey(device)
    assert world.browser().sign_in_by_passkey(device).status_code == 400
