""" "This wasn't me": a link that looks, a button that stops, and what the account page says of it."""

import re

import pytest

from domain.messages.links import objection_token, stop_token
from domain.messages.messages import Template
from domain.safety.objections import WINDOW, Outcome
from domain.safety.throttle import LIMITS, Throttle
from providers.software_authenticator import Authenticator
from services.safety import objections as objecting
from store.messages import messages
from store.people.accounts import Account
from store.safety import objections
from tests.api.world import Browser, World


def link(world: World, account: Account, template: Template, channel: str = "email") -> str:
    """What the reader of a notice opens."""
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
        key = next(
            message.key for message in sent if (message.template, message.channel) == (template, channel)
        )
    return f"/not-me/{objection_token(world.services.seal, key)}"


def settle(world: World, outcome: Outcome) -> None:
    with world.database.transaction() as session:
        [objection] = objections.list_open(session)
        objecting.settle(
            session, objection.objection_id, outcome=outcome, by="sam", reason="asked", at=world.clock()
        )


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody's account, in which a browser has bound and proven a passkey after a text-message code."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    return account


def test_looking_stops_nothing_and_says_what_the_button_does(
    world: World, browser: Browser, account: Account
) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    for _ in range(3):
        page = world.browser().get(path)
        assert page.status_code == 200
        assert "iPhone was added as a way to sign in</strong> today" in page.text
        assert "iPhone can no longer sign in, unless" in page.text
        assert "If it was you, there is nothing to do" in page.text
    assert world.reload(account.account_id).disputed_since is None
    assert browser.get("/account").status_code == 200


def test_the_button_ends_the_session_and_the_passkey_without_a_sign_in(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    owner = world.browser()
    answer = owner.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = owner.get(path).text
    assert "We have stopped it" in page
    assert "iPhone can no longer sign in." in page
    assert browser.get("/account").headers["location"] == "/sign-in"
    refused = world.browser().sign_in_by_passkey(phone)
    assert refused.status_code == 400
    assert refused.json()["error"]["reason"] == "passkey_on_hold"
    assert "on hold" in refused.json()["error"]["text"]
    assert world.journal(account)[-1].detail == {"method": "passkey", "reason": "passkey_on_hold"}
    assert owner.get("/account").headers["location"] == "/sign-in"


def test_pressing_it_twice_is_pressing_it_once(world: World, account: Account) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    for _ in range(2):
        world.browser().post(path)
    assert world.kinds(account).count("objected") == 1


def test_the_account_page_lists_recent_changes_but_no_session_objects_to_its_own(
    world: World, browser: Browser, account: Account
) -> None:
    page = browser.get("/account").text
    assert "Recent changes" in page
    assert "/account/not-me/" not in page
    world.browser().post(link(world, account, Template.PASSKEY_BOUND))
    browser.sign_in_by_code(account)
    page = browser.get("/account").text
    assert "We are looking into it" in page
    assert "on hold" in page
    assert "It cannot sign in until that is settled." in page


@pytest.mark.parametrize(
    ("outcome", "sentence", "status"),
    [
        (Outcome.UPHELD, "It has been looked into: it wasn't you", 400),
        (Outcome.DISMISSED, "it was you after all", 200),
    ],
)
def test_once_it_is_settled_the_pages_say_so(
    world: World, account: Account, phone: Authenticator, outcome: Outcome, sentence: str, status: int
) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    owner = world.browser()
    owner.post(path)
    settle(world, outcome)
    assert sentence in owner.get(path).text
    owner.sign_in_by_code(account)
    page = owner.get("/account").text
    assert "We are looking into it" not in page
    assert "It has been settled." in page
    assert world.browser().sign_in_by_passkey(phone).status_code == status


def test_a_passkey_frozen_between_two_requests_opens_nothing(
    world: World, account: Account, phone: Authenticator
) -> None:
    stranger = world.browser()
    options = stranger.send("/sign-in/passkey/options").json()
    world.browser().post(link(world, account, Template.PASSKEY_BOUND))
    assert stranger.send("/sign-in/passkey", phone.get(options)).status_code == 400


def test_the_device_may_not_bind_the_passkey_on_hold_again(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    world.browser().post(link(world, account, Template.PASSKEY_BOUND))
    browser.sign_in_by_code(account)
    excluded = browser.send("/passkeys/options").json()["excludeCredentials"]
    assert len(excluded) == 1
    assert browser.send("/passkeys/prove/options").status_code == 400


def test_recovery_codes_are_told_as_soon_as_they_are_made_and_stopped(
    world: World, browser: Browser, account: Account
) -> None:
    browser.post("/setup/recovery-codes")
    assert world.templates(account).count(Template.RECOVERY_CODES_MADE) == 2
    owner = world.browser()
    path = link(world, account, Template.RECOVERY_CODES_MADE, "sms")
    assert "The recovery codes that were made or used no longer work, unless" in owner.get(path).text
    owner.post(path)
    assert "The recovery codes that were made or used no longer work." in owner.get(path).text
    assert world.facts(account).recovery_codes_left == 0


def test_a_new_address_is_told_to_the_old_one_and_by_text(world: World, browser: Browser) -> None:
    account = world.account(email="old@example.org")
    browser.sign_in_by_code(account)
    browser.post("/setup/email", email="new@example.org")
    browser.post("/setup/email/code", code=world.secret(account, Template.VERIFY_EMAIL)["code"])
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
        recipients = {message.recipient for message in sent if message.template == Template.EMAIL_CHANGED}
    assert recipients == {"old@example.org", account.phone}


def test_a_link_of_long_ago_says_whom_to_turn_to(world: World, account: Account) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    world.clock.advance(WINDOW)
    for answer in (world.browser().get(path), world.browser().post(path)):
        assert answer.status_code == 410
        assert "please turn to our support" in answer.text
    assert world.reload(account.account_id).disputed_since is None


def test_what_was_stopped_in_time_still_says_so_later(world: World, account: Account) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    world.browser().post(path)
    world.clock.advance(2 * WINDOW)
    assert "We have stopped it" in world.browser().get(path).text


def test_a_link_that_was_made_up_or_is_for_something_else_is_refused(world: World, account: Account) -> None:
    key = f"{account.account_id}:{Template.PASSKEY_BOUND}:1:email"
    other = stop_token(world.services.seal, key)
    nobodys = objection_token(world.services.seal, key)
    for token in ("nonsense", other, nobodys):
        assert world.browser().get(f"/not-me/{token}").status_code == 410
        assert world.browser().post(f"/not-me/{token}").status_code == 410


def test_another_site_cannot_press_the_button(world: World, account: Account) -> None:
    path = link(world, account, Template.PASSKEY_BOUND)
    answer = world.browser().post(path, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert world.reload(account.account_id).disputed_since is None


def test_links_are_throttled(world: World) -> None:
    browser = world.browser()
    for _ in range(LIMITS[Throttle.CEREMONIES_PER_ADDRESS].most):
        browser.get("/not-me/nonsense")
    assert browser.get("/not-me/nonsense").status_code == 429


def test_a_gathered_letter_leads_to_a_page_that_stops_and_the_account_page_lists_each_change(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    for _ in range(20):
        browser.post("/setup/recovery-codes")
    page = browser.get("/account").text
    assert page.count("Recovery codes were made") == 20
    assert "Several things were changed" not in page
    listed = browser.get(link(world, account, Template.SEVERAL_CHANGES)).text
    first = re.search(r'href="(/not-me/[^"]+)"', listed)
    assert first
    assert browser.post(first[1]).status_code == 303
    assert world.reload(account.account_id).disputed_since is not None
