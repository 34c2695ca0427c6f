"""A lost device is put on hold by two proofs that do not go back to one root, and never the last other way in."""

from datetime import timedelta

import pytest

from domain.facts import Channel
from domain.messages.links import objection_token
from domain.messages.messages import Fate, Template
from domain.presets import STANDARD
from domain.safety.objections import Outcome
from providers.software_authenticator import Authenticator
from services.safety import objections
from store.messages import contact_faults, messages
from store.people import held_passkeys, passkeys
from store.people.accounts import Account
from tests.api.world import Browser, World, shown_codes
from tests.factories import send_everything


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody whose passkey is established, whose address the host has told, and who is signed in by the passkey."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(STANDARD.cooling_off + timedelta(minutes=1))
    assert browser.sign_in_by_passkey(phone).status_code == 200
    return account


def keep_codes(browser: Browser) -> None:
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])


def lost(world: World, account: Account) -> str:
    with world.database.reading() as session:
        return f"/account/passkeys/{passkeys.kept(session, account.account_id)[0].passkey_id}"


def hold(world: World, browser: Browser, account: Account) -> int:
    browser.post(f"{lost(world, account)}/lost")
    code = world.secret(account, Template.HOLD_CODE)["code"]
    return browser.post("/account/lost/code", code=code).status_code


def test_a_device_is_held_once_by_a_code_that_is_sent_twice(
    world: World, browser: Browser, account: Account
) -> None:
    keep_codes(browser)
    owner = world.browser()
    owner.sign_in_by_code(account)
    owner.post(f"{lost(world, account)}/lost")
    code = world.secret(account, Template.HOLD_CODE)["code"]
    for _ in range(2):
        answer = owner.post("/account/lost/code", code=code)
        assert answer.headers["location"] == "/account?done=held"
    assert world.kinds(account).count("passkey_held") == 1


def test_sms_and_the_address_of_the_host_hold_a_lost_device_at_once(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    keep_codes(browser)
    owner = world.browser()
    owner.sign_in_by_code(account)
    assert hold(world, owner, account) == 303
    refused = world.browser().sign_in_by_passkey(phone)
    assert refused.status_code == 400
    assert world.templates(account).count(Template.PASSKEY_LOST) == 2
    assert "You have told us that it is lost" in owner.get("/account").text
    assert browser.get("/account").headers["location"] == "/sign-in"


def test_sim_and_mailbox_do_not_hold_the_only_other_way_in(
    world: World, account: Account, phone: Authenticator
) -> None:
    thief = world.browser()
    thief.sign_in_by_code(account)
    assert thief.post(f"{lost(world, account)}/lost").status_code == 409
    assert Template.HOLD_CODE not in world.templates(account)
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


@pytest.mark.parametrize("number", ["works", "answered_stop", "shared", "missing"])
def test_a_number_that_no_code_reaches_is_no_other_way_in(
    world: World, browser: Browser, account: Account, phone: Authenticator, number: str
) -> None:
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    world.clock.advance(STANDARD.cooling_off)
    bearer = world.browser()
    bearer.post("/sign-in/recovery", identifier=account.phone or "", code=codes[1])
    if number == "shared":
        world.account(phone=account.phone)
    with world.database.transaction() as session:
        if number == "missing":
            session.get_one(Account, account.account_id).phone = None
        if number == "answered_stop":
            contact, fate = account.phone or "", Fate.STOPPED
            contact_faults.note(
                session,
                account.account_id,
                Channel.SMS,
                contact=contact,
                fate=fate,
                reason="STOP",
                at=world.clock(),
            )
    asked = bearer.post(f"{lost(world, account)}/lost")
    assert asked.status_code == (303 if number == "works" else 409)
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_a_wrong_code_holds_nothing(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    keep_codes(browser)
    thief = world.browser()
    thief.sign_in_by_code(account)
    thief.post(f"{lost(world, account)}/lost")
    assert thief.post("/account/lost/code", code="no digits").status_code == 400
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_only_an_established_passkey_takes_it_off_hold_at_once(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    keep_codes(browser)
    tablet = world.authenticator()
    browser.make_passkey(tablet)
    owner = world.browser()
    owner.sign_in_by_code(account)
    path = lost(world, account)
    assert hold(world, owner, account) == 303
    assert owner.post(f"{path}/found").status_code == 403
    owner.sign_in_by_passkey(tablet)
    assert owner.post(f"{path}/found").status_code == 303
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_an_objection_to_the_hold_lets_the_device_work_again(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    keep_codes(browser)
    thief = world.browser()
    thief.sign_in_by_code(account)
    assert hold(world, thief, account) == 303
    with world.database.reading() as session:
        notices = messages.of_account(session, account.account_id)
        key = next(
            row.key
            for row in notices
            if row.template == Template.PASSKEY_LOST and row.channel == Channel.EMAIL
        )
    owner = world.browser()
    owner.post(f"/not-me/{objection_token(world.services.seal, key)}")
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_a_text_that_a_thief_reads_on_the_lost_device_does_not_take_it_off_hold(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    keep_codes(browser)
    owner = world.browser()
    owner.sign_in_by_code(account)
    assert hold(world, owner, account) == 303
    with world.database.reading() as session:
        text = next(
            row
            for row in messages.of_account(session, account.account_id)
            if row.template == Template.PASSKEY_LOST and row.channel == Channel.SMS
        )
    assert text.short_code is None
    by_text = world.browser().post(f"/not-me/{objection_token(world.services.seal, text.key)}")
    assert by_text.status_code == 403
    assert world.browser().sign_in_by_passkey(phone).status_code == 400


def test_a_device_that_was_lost_is_on_hold_again_when_an_objection_to_that_is_dismissed(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    keep_codes(browser)
    owner = world.browser()
    owner.sign_in_by_code(account)
    path = lost(world, account)
    assert hold(world, owner, account) == 303
    with world.database.transaction() as session:
        key = next(
            row.key
            for row in messages.of_account(session, account.account_id)
            if row.template == Template.PASSKEY_LOST and row.channel == Channel.EMAIL
        )
        objection = objections.make(session, key, at=world.clock())
    with world.database.transaction() as session:
        objections.settle(
            session,
            objection.objection_id,
            outcome=Outcome.DISMISSED,
            by="sam",
            reason="called",
            at=world.clock(),
        )
    assert world.browser().sign_in_by_passkey(phone).status_code == 400
    with world.database.reading() as session:
        assert held_passkeys.get_lost(session, account.account_id, path.rpartition("/")[2]).removed_at is None
