"""The guard over HTTP: a thief with the SIM changes nothing, and nobody is locked out or made weaker by it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import SmsState
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.safety.guard import COOLING_OFF
from domain.staff.staff import Author
from providers.software_authenticator import Authenticator
from services.safety import guard, waiting_changes
from store.people import passkeys
from store.people.accounts import Account
from tests.api.person.test_attackers import object_by_email, oldest_passkey, pass_by
from tests.api.world import Browser, World

MOMENT = timedelta(minutes=1)
SIX_HOURS = timedelta(hours=6)
ADA = Author(by="ada")


def put_up(world: World, length: timedelta = SIX_HOURS) -> None:
    with world.database.transaction() as session:
        guard.put_up(session, ADA, length=length, reason="SIM swaps", at=world.clock())


def put_down(world: World) -> None:
    with world.database.transaction() as session:
        guard.put_down(session, ADA, reason="it is over", at=world.clock())


def has_passkey_of_its_own(world: World, account: Account) -> bool:
    with world.database.reading() as session:
        return len(passkeys.kept(session, account.account_id)) > 1


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody whose passkey is established, and who is signed in by it."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    assert browser.sign_in_by_passkey(phone).status_code == 200
    return account


@pytest.fixture
def thief(world: World, account: Account) -> Browser:
    """Somebody who holds the SIM, and signs in by a text message while the guard is up."""
    put_up(world)
    thief = world.browser("198.51.100.9")
    assert thief.sign_in_by_code(account).headers["location"] == "/sign-in/why"
    return thief


def test_a_thief_with_the_sim_changes_nothing(world: World, account: Account, thief: Browser) -> None:
    owners = oldest_passkey(world, account)
    forms: tuple[tuple[str, dict[str, Any]], ...] = (
        (f"/account/passkeys/{owners}/remove", {}),
        (f"/account/passkeys/{owners}/name", {"name": "Mine"}),
        ("/setup/recovery-codes", {}),
        ("/setup/device", {}),
        ("/setup/app", {}),
        ("/account/email", {"email": "thief@example.net"}),
    )
    before = world.kinds(account)
    for path, form in forms:
        assert thief.post(path, **form).status_code == 403, path
    assert thief.send("/passkeys/options").status_code == 403
    assert world.kinds(account) == before
    assert not has_passkey_of_its_own(world, account)


def test_the_thief_is_told_calmly_and_until_when(world: World, account: Account, thief: Browser) -> None:
    refused = thief.post("/setup/device")
    assert "We are taking special care of all accounts just now" in refused.text
    assert "It can be done again from" in refused.text
    assert "It can be done again from" in thief.get("/account").text
    assert "Add another device" not in thief.get("/account").text
    assert "The rest waits a little" in thief.get("/setup/passkey").text


def test_a_passkey_that_the_thief_made_before_is_not_established_while_it_is_up(
    world: World, account: Account
) -> None:
    early, own = world.browser("198.51.100.9"), world.authenticator()
    early.sign_in_by_code(account)
    early.make_passkey(own)
    pass_by(world, account, STANDARD.cooling_off - timedelta(hours=1))
    put_up(world, timedelta(days=2))
    world.clock.advance(timedelta(hours=2))
    owners = oldest_passkey(world, account)
    assert early.sign_in_by_passkey(own).status_code == 200
    assert early.post(f"/account/passkeys/{owners}/remove").status_code == 403
    assert early.post("/setup/recovery-codes").status_code == 403
    world.clock.advance(timedelta(days=2))
    early.sign_in_by_passkey(own)
    assert early.post("/setup/recovery-codes").status_code == 200


def test_a_change_that_waits_is_not_done_while_it_is_up_and_is_done_afterwards(
    world: World, account: Account, browser: Browser, phone: Authenticator
) -> None:
    own, later = world.authenticator(), world.browser("198.51.100.9")
    later.sign_in_by_code(account)
    later.make_passkey(own)
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    later.sign_in_by_passkey(own)
    owners = oldest_passkey(world, account)
    assert later.post(f"/account/passkeys/{owners}/remove").headers["location"] == "/account?done=waits"
    world.clock.advance(STANDARD.cooling_off - timedelta(hours=1))
    put_up(world)
    world.clock.advance(timedelta(hours=2))
    waiting_changes.carry_out_due(world.database, now=world.clock())
    assert oldest_passkey(world, account) == owners
    world.clock.advance(SIX_HOURS)
    waiting_changes.carry_out_due(world.database, now=world.clock())
    assert oldest_passkey(world, account) != owners


def test_an_objection_works_in_full_while_it_is_up(
    world: World, account: Account, browser: Browser, phone: Authenticator
) -> None:
    early, own = world.browser("198.51.100.9"), world.authenticator()
    early.sign_in_by_code(account)
    early.make_passkey(own)
    pass_by(world, account, MOMENT)
    put_up(world)
    object_by_email(world, account, Template.PASSKEY_BOUND)
    assert world.browser().sign_in_by_passkey(own).status_code == 400
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_an_owner_with_an_established_passkey_goes_on_as_ever(
    world: World, account: Account, browser: Browser
) -> None:
    put_up(world)
    second = world.authenticator()
    assert browser.make_passkey(second).status_code == 200
    assert browser.sign_in_by_passkey(second).status_code == 200
    assert browser.post("/setup/recovery-codes").status_code == 200


def test_after_its_end_the_rules_are_as_before(world: World, account: Account, thief: Browser) -> None:
    assert thief.post("/setup/device").status_code == 403
    world.clock.advance(SIX_HOURS)
    assert thief.post("/setup/device").status_code == 200
    assert thief.make_passkey(world.authenticator()).status_code == 200


def test_once_it_is_lowered_the_rules_are_as_before(world: World, account: Account, thief: Browser) -> None:
    put_down(world)
    assert thief.post("/setup/device").status_code == 200


def test_a_beginner_signs_in_reads_the_address_on_record_and_makes_one_passkey_that_changes_nothing_yet(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    put_up(world)
    browser.sign_in_by_code(account)
    assert browser.verify_email(account).status_code == 303
    assert world.reload(account.account_id).email_verified_at is not None
    assert browser.make_passkey(phone).status_code == 200
    assert browser.prove_passkey().status_code == 200
    assert browser.send("/passkeys/options").status_code == 403
    assert "The rest waits a little" in browser.get("/setup/second").text
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    assert browser.sign_in_by_passkey(phone).status_code == 200
    assert (
        browser.post("/setup/recovery-codes").status_code == 200
    )  # the guard is over, and nobody else has a passkey
    with world.database.reading() as session:
        [passkey] = passkeys.kept(session, account.account_id)
        assert not passkeys.guards(session, account.account_id, now=world.clock())
    assert passkey.established_from
    assert passkey.established_from - passkey.bound_at >= max(COOLING_OFF, 2 * STANDARD.cooling_off)


def test_whoever_never_tried_the_passkey_that_they_made_makes_another_one(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    put_up(world)
    browser.sign_in_by_code(account)
    assert browser.make_passkey(phone).status_code == 200
    elsewhere = world.browser("198.51.100.7")
    elsewhere.sign_in_by_code(account)
    assert elsewhere.make_passkey(world.authenticator()).status_code == 200
    assert elsewhere.post("/setup/recovery-codes").status_code == 403


def test_a_device_link_of_an_established_passkey_does_what_it_is_for(
    world: World, account: Account, browser: Browser
) -> None:
    put_up(world)
    link = re.search(r"/device\?token=([\w-]+)", browser.post("/setup/device").text)
    assert link
    other = world.browser("198.51.100.7")
    other.get(f"/device?token={link[1]}")
    assert other.post("/device", token=link[1]).status_code == 303
    assert other.make_passkey(world.authenticator()).status_code == 200


def test_a_beginner_brings_no_other_address_along(world: World, browser: Browser) -> None:
    account = world.account()
    put_up(world)
    browser.sign_in_by_code(account)
    assert browser.post("/setup/email", email="thief@example.net").status_code == 403
    assert world.reload(account.account_id).email == account.email


def test_sms_comes_back_by_an_established_passkey_and_a_code_by_e_mail(
    world: World, account: Account, browser: Browser
) -> None:
    world.set_sms(account, SmsState.NOTICE)
    put_up(world)
    assert browser.post("/account/sms/restore").status_code == 403
    assert "Send me a code by e-mail" in browser.get("/account").text
    assert browser.post("/account/sms/proof").headers["location"] == "/account/sms/proof"
    assert "Check your e-mail" in browser.get("/account/sms/proof").text
    wrong = browser.post("/account/sms/proof/code", code="000000")
    assert wrong.status_code == 400
    code = world.secret(account, Template.RESTORE_CODE)["code"]
    for _ in range(2):
        answer = browser.post("/account/sms/proof/code", code=code)
        assert answer.headers["location"] == "/account?done=restored"
    assert world.reload(account.account_id).sms == SmsState.ON
    assert world.kinds(account).count("sms_restored") == 1


def test_a_sim_does_not_bring_sms_back_nor_ask_for_the_code(
    world: World, account: Account, thief: Browser
) -> None:
    world.set_sms(account, SmsState.NOTICE)
    assert thief.post("/account/sms/restore").status_code == 403
    assert thief.post("/account/sms/proof").status_code == 403
    assert Template.RESTORE_CODE not in world.templates(account)
    assert world.reload(account.account_id).sms == SmsState.NOTICE


def test_once_it_is_down_one_proof_is_enough_again(world: World, account: Account, browser: Browser) -> None:
    world.set_sms(account, SmsState.NOTICE)
    put_up(world)
    put_down(world)
    assert browser.post("/account/sms/proof").headers["location"] == "/account?done=restored"
    assert world.reload(account.account_id).sms == SmsState.ON
