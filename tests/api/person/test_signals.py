"""What devices are told of passkeys: to forget what is removed for good, and nothing that somebody may still need."""

from datetime import timedelta

import pytest

from domain.codes import CHALLENGE_LIFETIME, SESSION_LIFETIME
from domain.safety.objections import WINDOW
from providers.software_authenticator import Authenticator, from_text, to_text
from services.people import passkey_signals
from store.people import accounts, held_passkeys, passkeys
from store.people.accounts import Account
from store.people.passkeys import Passkey
from tests.api.world import RP_ID, Browser, World

FOR_GOOD = WINDOW + SESSION_LIFETIME


def set_up(world: World, browser: Browser, phone: Authenticator) -> tuple[Account, Passkey]:
    """Somebody whose phone signs in."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    return account, bound(world, account)[-1]


def bound(world: World, account: Account) -> list[Passkey]:
    with world.database.reading() as session:
        return list(passkeys.ever_bound(session, account.account_id))


def accepted(browser: Browser) -> list[str]:
    answer = browser.get("/passkeys/signals")
    assert answer.status_code == 200
    credential_ids: list[str] = answer.json()["accepted"]
    return credential_ids


def refusal(browser: Browser, phone: Authenticator) -> str:
    reason: str = browser.sign_in_by_passkey(phone).json()["error"]["reason"]
    return reason


def remove(browser: Browser, passkey: Passkey) -> None:
    answer = browser.post(f"/account/passkeys/{passkey.passkey_id}/remove", is_sure="true")
    assert answer.headers["location"] == "/account?done=removed"


def test_a_device_is_told_of_the_accounts_passkeys_by_the_id_and_name_they_were_made_with(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = set_up(world, browser, phone)
    told = browser.get("/passkeys/signals").json()
    made_with = browser.send("/passkeys/options").json()
    assert told["rpId"] == made_with["rp"]["id"] == RP_ID
    assert (told["userId"], told["name"]) == (made_with["user"]["id"], made_with["user"]["name"])
    assert from_text(told["userId"]).decode() == account.account_id
    assert told["accepted"] == [passkey.credential_id]


def test_nothing_is_told_while_a_new_passkey_may_be_on_the_device_and_not_yet_on_record(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    set_up(world, browser, phone)
    browser.send("/passkeys/options")
    assert browser.get("/passkeys/signals").status_code == 204
    world.clock.advance(CHALLENGE_LIFETIME)
    assert len(accepted(browser)) == 1


def test_somebody_who_came_by_a_text_message_is_not_told_the_whole_address(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, _ = set_up(world, browser, phone)
    thief = world.browser()
    thief.sign_in_by_code(account)
    assert browser.get("/passkeys/signals").json()["name"] == account.email
    assert thief.get("/passkeys/signals").json()["name"] is None


def test_only_somebody_who_is_signed_in_is_told_of_passkeys(world: World) -> None:
    assert world.browser().client.get("/passkeys/signals").headers["location"] == "/sign-in"


def test_what_somebody_removes_is_gone_from_the_list_at_once(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = set_up(world, browser, phone)
    bystander = world.browser()
    bystander.sign_in_by_code(account)
    assert accepted(bystander) == [passkey.credential_id]
    remove(bystander, passkey)
    assert accepted(bystander) == []


def test_a_device_keeps_what_an_objection_may_still_bring_back(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = set_up(world, browser, phone)
    thief = world.browser()
    thief.sign_in_by_code(account)
    remove(thief, passkey)
    owner = world.browser()
    owner.sign_in_by_code(account)
    assert accepted(owner) == [passkey.credential_id]
    assert refusal(world.browser(), phone) == "credential_unknown"


def test_a_device_forgets_what_no_objection_brings_back(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = set_up(world, browser, phone)
    bystander = world.browser()
    bystander.sign_in_by_code(account)
    remove(bystander, passkey)
    world.clock.advance(FOR_GOOD - timedelta(seconds=1))
    assert refusal(world.browser(), phone) == "credential_unknown"
    world.clock.advance(timedelta(seconds=1))
    before = world.kinds(account)
    assert refusal(world.browser(), phone) == "credential_removed"
    assert world.kinds(account) == before
    owner = world.browser()
    owner.sign_in_by_code(account)
    assert accepted(owner) == []


def test_a_device_keeps_what_is_removed_while_a_dispute_is_open(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = set_up(world, browser, phone)
    bystander = world.browser()
    bystander.sign_in_by_code(account)
    remove(bystander, passkey)
    world.clock.advance(FOR_GOOD)
    with world.database.transaction() as session:
        accounts.lock(session, account.account_id).disputed_since = world.clock()
    assert refusal(world.browser(), phone) == "credential_unknown"


def test_a_device_keeps_what_is_on_hold(world: World, browser: Browser, phone: Authenticator) -> None:
    account, passkey = set_up(world, browser, phone)
    bystander = world.browser()
    bystander.sign_in_by_code(account)
    with world.database.transaction() as session:
        held = passkeys.get(session, account.account_id, passkey.passkey_id)
        held_passkeys.freeze(session, held, at=world.clock())
    assert accepted(bystander) == [passkey.credential_id]
    assert refusal(world.browser(), phone) == "passkey_on_hold"


@pytest.mark.parametrize("user_id", ["the host's own user id", ""])
def test_a_passkey_of_the_hosts_own_login_under_the_same_domain_is_never_called_removed(
    world: World, browser: Browser, user_id: str
) -> None:
    set_up(world, browser, world.authenticator())
    elsewhere = world.authenticator()
    elsewhere.create({"user": {"id": to_text(user_id.encode())}, "challenge": to_text(b"its own")})
    assert refusal(world.browser(), elsewhere) == "credential_unknown"


def test_only_the_holder_of_a_removed_passkey_learns_that_it_was_removed(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account, passkey = set_up(world, browser, phone)
    with world.database.transaction() as session:
        passkeys.remove(
            session, passkeys.get(session, account.account_id, passkey.passkey_id), at=world.clock()
        )
    stranger = world.browser()
    forged = phone.get(stranger.send("/sign-in/passkey/options").json())
    forged["response"]["signature"] = to_text(b"no signature")
    assert stranger.send("/sign-in/passkey", forged).json()["error"]["reason"] != "credential_removed"
    assert refusal(world.browser(), phone) == "credential_removed"


@pytest.mark.parametrize(
    ("phone", "email", "label", "hint"),
    [
        ("+4915112345678", "ada@example.org", "ada@example.org", "a•••@example.org"),
        ("+4915112345678", None, "•••• 678", "•••• 678"),
        (None, None, "Example", "Example"),
    ],
)
def test_devices_list_an_account_by_its_address_or_else_its_number_or_else_the_service(
    world: World, phone: str | None, email: str | None, label: str, hint: str
) -> None:
    account = world.account(policy=None, phone=phone, email=email)
    assert passkey_signals.label(world.services, account) == label
    assert passkey_signals.hinted_label(world.services, account) == hint
