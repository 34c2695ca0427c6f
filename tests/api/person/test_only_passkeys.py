"""Whoever gives up the only passkey hears plainly what is left, is shown the way on, and is asked once more."""

import pytest

from domain.facts import SmsState
from domain.remaining import Remaining, without_passkey
from providers.software_authenticator import Authenticator
from store.people import passkeys
from store.people.accounts import Account
from tests.api.world import Browser, World, shown_codes
from tests.clocks import START
from tests.factories import make_facts


def removal(world: World, account: Account) -> str:
    with world.database.reading() as session:
        return f"/account/passkeys/{passkeys.kept(session, account.account_id)[-1].passkey_id}/remove"


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody with a number and one passkey, whose address is not verified."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    return account


def test_whoever_would_have_a_number_only_is_warned_and_asked_once_more(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    path = removal(world, account)
    assert browser.post(path).headers["location"] == path
    assert world.browser().sign_in_by_passkey(phone).status_code == 200
    shown = browser.get(path).text
    assert "Your phone number is all that is left then" in shown
    assert 'href="/setup/email">Add an e-mail address first' in shown
    assert browser.post(path, is_sure="true").headers["location"] == "/account?done=removed"
    assert world.browser().sign_in_by_passkey(phone).status_code == 400


def test_whoever_would_have_a_number_and_codes_only_is_warned_as_well(
    world: World, browser: Browser, account: Account
) -> None:
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    path = removal(world, account)
    assert browser.post(path).headers["location"] == path
    assert "Recovery codes are used up one by one" in browser.get(path).text


def test_whoever_would_have_a_number_and_an_address_only_is_shown_how_to_add_another_passkey(
    world: World, browser: Browser, account: Account
) -> None:
    browser.verify_email(account)
    path = removal(world, account)
    assert browser.post(path).headers["location"] == path
    assert 'href="/setup/passkey">Add another passkey first' in browser.get(path).text


def test_whoever_has_another_passkey_is_not_asked_again(
    world: World, browser: Browser, account: Account
) -> None:
    browser.make_passkey(world.authenticator())
    path = removal(world, account)
    assert "It is your only passkey" not in browser.get(path).text
    assert browser.post(path).headers["location"] == "/account?done=removed"


def test_a_session_that_may_not_remove_it_is_told_so_before_it_is_asked(
    world: World, browser: Browser, account: Account
) -> None:
    stranger = world.browser()
    stranger.sign_in_by_code(world.account())
    path = removal(world, account)
    assert stranger.get(path).status_code == 404
    assert stranger.post(path).status_code == 404


@pytest.mark.parametrize(
    ("changes", "remaining"),
    [
        ({"passkeys": 2}, None),
        ({"email_verified_at": START, "recovery_codes_left": 1, "recovery_codes_proven": True}, None),
        ({"recovery_codes_left": 8}, Remaining.NUMBER),
        ({"phone_shared": True}, Remaining.NOTHING),
        ({"phone_missing": True}, Remaining.NOTHING),
        ({"texts_stopped": True}, Remaining.NOTHING),
        ({"sms": SmsState.REMOVED, "recovery_codes_left": 1, "recovery_codes_proven": True}, Remaining.CODES),
        ({"email_verified_at": START, "sms": SmsState.SUSPENDED}, Remaining.NOTHING),
    ],
)
def test_what_is_left_is_what_works(changes: dict[str, object], remaining: Remaining | None) -> None:
    assert without_passkey(make_facts(**({"passkeys": 1} | changes)), is_active=True) is remaining


def test_what_is_on_hold_does_not_count_as_another_passkey() -> None:
    assert without_passkey(make_facts(passkeys=0), is_active=False) is Remaining.NUMBER
    assert without_passkey(make_facts(passkeys=1), is_active=False) is None
