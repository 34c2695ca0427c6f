"""Several tabs of one browser: each has its own challenge, and what a stale tab answers is no failed sign-in."""

from copy import deepcopy
from datetime import timedelta

import pytest

from domain.codes import CHALLENGE_LIFETIME, MOST_CHALLENGES
from providers.software_authenticator import Authenticator, to_text
from store.people.accounts import Account
from tests.api.world import Browser, World

SECOND = timedelta(seconds=1)


def set_up(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody whose phone signs in."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    return account


def test_two_tabs_that_make_passkeys_are_both_answered_in_any_order(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    tabs = [browser.send("/passkeys/options").json() for _ in range(2)]
    for options in reversed(tabs):
        assert browser.send("/passkeys", world.authenticator().create(options)).status_code == 200
    assert world.kinds(account).count("passkey_bound") == 2


def test_whoever_presses_in_one_tab_signs_in_though_another_tab_has_asked_since(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    other = world.browser()
    first = other.send("/sign-in/passkey/options").json()
    for _ in range(MOST_CHALLENGES - 1):
        other.send("/sign-in/passkey/options")
    assert other.send("/sign-in/passkey", phone.get(first)).status_code == 200


def test_a_tab_makes_its_passkey_though_another_tab_has_confirmed_meanwhile(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = set_up(world, browser, phone)
    asked = [browser.send(f"/passkeys{path}/options").json() for path in ("", "/prove")]
    assert browser.prove_passkey().status_code == 200
    assert browser.send("/passkeys", world.authenticator().create(asked[0])).status_code == 200
    assert browser.send("/passkeys/prove", phone.get(asked[1])).status_code == 200
    assert world.kinds(account).count("passkey_bound") == 2


def test_what_another_person_of_the_same_browser_asked_for_stays_theirs(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    asked = browser.send("/passkeys/options").json()
    other = world.account()
    browser.sign_in_by_code(other)
    assert browser.send("/passkeys", world.authenticator().create(asked)).status_code == 400
    assert world.facts(other).passkeys == 0


def test_a_wrong_answer_of_one_tab_leaves_the_other_tab_its_challenge(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    other = world.browser()
    first, second = (other.send("/sign-in/passkey/options").json() for _ in range(2))
    broken = phone.get(first)
    broken["response"]["signature"] = to_text(b"no signature")
    assert other.send("/sign-in/passkey", broken).status_code == 400
    assert other.send("/sign-in/passkey", phone.get(second)).status_code == 200


def test_a_stale_tab_of_somebody_who_is_in_leads_to_the_account_and_is_no_failed_sign_in(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = set_up(world, browser, phone)
    other = world.browser()
    stale, fresh = (other.send("/sign-in/passkey/options").json() for _ in range(2))
    assert other.send("/sign-in/passkey", phone.get(fresh)).status_code == 200
    before = world.kinds(account)
    error = other.send("/sign-in/passkey", phone.get(stale)).json()["error"]
    assert (error["reason"], error["calm"]) == ("signed_in_already", True)
    assert (error["next"], error["label"]) == ("/account", "Go to your account")
    assert world.kinds(account) == before
    assert other.get("/account").status_code == 200


def test_a_tab_that_was_open_for_too_long_is_calmly_asked_to_try_again_and_is_no_failed_sign_in(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = set_up(world, browser, phone)
    other = world.browser()
    options = other.send("/sign-in/passkey/options").json()
    world.clock.advance(CHALLENGE_LIFETIME)
    before = world.kinds(account)
    error = other.send("/sign-in/passkey", phone.get(options)).json()["error"]
    assert (error["reason"], error["calm"]) == ("challenge_expired", True)
    assert "label" not in error  # the button that was pressed is the way on
    assert world.kinds(account) == before


@pytest.mark.parametrize("in_field", [True, False])
def test_an_answer_that_a_slow_network_kept_back_puts_no_security_key_on_hold(
    world: World, browser: Browser, *, in_field: bool
) -> None:
    key = world.authenticator(synced=False, attachment="cross-platform", transports=("usb",))
    account = set_up(world, browser, key)
    slow, fast = world.browser(), world.browser()
    late = key.get(slow.send("/sign-in/passkey/options").json())
    world.clock.advance(SECOND)
    assert fast.sign_in_by_passkey(key).status_code == 200
    before = world.kinds(account)
    error = slow.send(f"/sign-in/passkey?in_field={in_field}", late).json()["error"]
    assert (error["reason"], error["calm"]) == ("overtaken", True)
    assert world.kinds(account) == before
    assert fast.get("/account").status_code == 200
    world.clock.advance(SECOND)
    assert slow.sign_in_by_passkey(key).status_code == 200


def test_a_copy_of_a_security_key_is_held_however_late_it_answers(world: World, browser: Browser) -> None:
    key = world.authenticator(synced=False)
    account = set_up(world, browser, key)
    copy = deepcopy(key)
    thief = world.browser()
    options = thief.send("/sign-in/passkey/options").json()
    world.clock.advance(SECOND)
    for _ in range(3):
        assert world.browser().sign_in_by_passkey(key).status_code == 200
    assert thief.send("/sign-in/passkey", copy.get(options)).status_code == 400
    assert thief.get("/account").headers["location"] == "/sign-in"
    world.clock.advance(SECOND)
    assert thief.sign_in_by_passkey(copy).json()["error"]["reason"] == "passkey_held"
    assert world.kinds(account).count("passkey_held") == 1


def test_a_passkey_that_is_refused_is_no_calm_matter(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    phone.verifies_user = False
    assert "calm" not in world.browser().sign_in_by_passkey(phone).json()["error"]
