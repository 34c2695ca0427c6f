"""Every page that sends, asks, or can be guessed at counts its presses, and says so when they are used up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from domain.safety.throttle import LIMITS, Limit, Throttle
from providers.software_authenticator import Authenticator
from tests.api.world import Browser, World

MOST = 1


@dataclass(frozen=True, kw_only=True)
class Door:
    """What is pressed, and the throttle that counts it; `first` is pressed once before."""

    press: Callable[[Browser], int]
    throttle: Throttle
    is_inside: bool = True
    first: Callable[[Browser], int] | None = None


def sends(path: str, body: object = None) -> Callable[[Browser], int]:
    return lambda browser: browser.send(path, body).status_code


def posts(path: str, **form: str) -> Callable[[Browser], int]:
    return lambda browser: browser.post(path, None, **form).status_code


def opens(path: str) -> Callable[[Browser], int]:
    return lambda browser: browser.get(path).status_code


PASSKEY = uuid4()
CEREMONIES = Throttle.CEREMONIES_PER_ADDRESS
STAFF = Throttle.STAFF_PER_ADDRESS
DOORS = {
    "asks for a passkey at the door": Door(
        press=sends("/sign-in/passkey/options"), throttle=CEREMONIES, is_inside=False
    ),
    "asks for a new passkey": Door(press=sends("/passkeys/options"), throttle=CEREMONIES),
    "asks for a passkey to be tried": Door(press=sends("/passkeys/prove/options"), throttle=CEREMONIES),
    "asks a lost device": Door(
        press=sends(f"/account/passkeys/{PASSKEY}/found/options"), throttle=CEREMONIES
    ),
    "makes a device link": Door(press=posts("/setup/device"), throttle=CEREMONIES),
    "says that the prompt was seen": Door(press=sends("/setup/seen", {"capable": True}), throttle=CEREMONIES),
    "reports a failure": Door(
        press=sends("/ceremony/failed", {"ceremony": "registration", "name": "AbortError"}),
        throttle=CEREMONIES,
        is_inside=False,
    ),
    "opens the link of a notice": Door(press=opens("/not-me/none"), throttle=CEREMONIES, is_inside=False),
    "objects by the link of a notice": Door(
        press=posts("/not-me/none"), throttle=CEREMONIES, is_inside=False
    ),
    "guesses the code of a notice": Door(
        press=posts("/not-me", code="2345abcd"), throttle=Throttle.TRIES_PER_ADDRESS, is_inside=False
    ),
    "guesses a code at the door": Door(
        press=posts("/sign-in/code", code="000000"),
        throttle=Throttle.TRIES_PER_ADDRESS,
        is_inside=False,
        first=posts("/sign-in", identifier="+4915112345678"),
    ),
    "asks for a code to sign in": Door(
        press=posts("/sign-in", identifier="+4915112345678"),
        throttle=Throttle.CODES_PER_ADDRESS,
        is_inside=False,
    ),
    "asks for a code for one number": Door(
        press=posts("/sign-in", identifier="+4915112345678"),
        throttle=Throttle.CODES_PER_ACCOUNT,
        is_inside=False,
    ),
    "asks for a code for one number all day": Door(
        press=posts("/sign-in", identifier="+4915112345678"), throttle=Throttle.CODES_PER_DAY, is_inside=False
    ),
    "asks for a link by e-mail": Door(
        press=posts("/sign-in/link", identifier="nobody@example.com"),
        throttle=Throttle.LINKS_PER_ADDRESS,
        is_inside=False,
    ),
    "asks for a link to one address": Door(
        press=posts("/sign-in/link", identifier="nobody@example.com"),
        throttle=Throttle.LINKS_PER_ACCOUNT,
        is_inside=False,
    ),
    "asks for a code by e-mail": Door(
        press=posts("/setup/email", email="ada@example.org"), throttle=Throttle.CODES_PER_ADDRESS
    ),
    "asks for a code by e-mail for one account": Door(
        press=posts("/setup/email", email="ada@example.org"), throttle=Throttle.CODES_PER_ACCOUNT
    ),
    "asks for a code to hold a device": Door(
        press=posts(f"/account/passkeys/{PASSKEY}/lost"), throttle=Throttle.CODES_PER_ADDRESS
    ),
    "asks for a code to hold a device for one account": Door(
        press=posts(f"/account/passkeys/{PASSKEY}/lost"), throttle=Throttle.CODES_PER_ACCOUNT
    ),
    "guesses a recovery code at the door": Door(
        press=posts("/sign-in/recovery", identifier="+4915112345678", code="2345-abcd-2345-abcd"),
        throttle=Throttle.LONG_CODES_PER_ADDRESS,
        is_inside=False,
    ),
    "guesses the code of a rescue pass": Door(
        press=posts("/rescue", identifier="+4915112345678", code="2345-abcd-2345-abcd"),
        throttle=Throttle.LONG_CODES_PER_ADDRESS,
        is_inside=False,
    ),
    "types a whole recovery code back": Door(
        press=posts("/setup/recovery-codes/check", code="2345-abcd-2345-abcd"),
        throttle=Throttle.LONG_CODES_PER_ADDRESS,
    ),
    "types the end of a recovery code back": Door(
        press=posts("/setup/recovery-codes/check", code="2345"),
        throttle=Throttle.CODE_ENDINGS_PER_ACCOUNT,
        first=posts("/setup/recovery-codes"),
    ),
    "asks for a passkey of staff": Door(
        press=sends("/console/sign-in/options"), throttle=STAFF, is_inside=False
    ),
    "opens an invitation": Door(press=opens("/console/join/none"), throttle=STAFF, is_inside=False),
    "asks for a new passkey of staff": Door(
        press=sends("/console/join/none/options"), throttle=STAFF, is_inside=False
    ),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_counts_its_presses_and_opens_again_after_a_while(
    world: World, phone: Authenticator, monkeypatch: pytest.MonkeyPatch, door: Door
) -> None:
    browser = world.browser()
    if door.is_inside:
        account = world.account()
        browser.sign_in_by_code(account)
        browser.make_passkey(phone)
    world.clock.advance(timedelta(hours=2))  # what was pressed on the way here counts no more
    if door.first:
        door.first(browser)
    monkeypatch.setitem(LIMITS, door.throttle, Limit(most=MOST, window=timedelta(hours=1)))
    answers = [door.press(browser) for _ in range(MOST + 1)]
    assert 429 not in answers[:-1]
    assert answers[-1] == 429
    world.clock.advance(timedelta(hours=1))
    assert door.press(browser) != 429
