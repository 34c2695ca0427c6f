"""A passkey that behaves as only a copy would is held, unless it is the last way in; and what is synced is kept up."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.facts import SmsState
from domain.messages.messages import Template
from providers.software_authenticator import BACKED_UP, BACKUP_ELIGIBLE, Authenticator
from store.people import passkeys
from store.people.accounts import Account
from store.people.passkeys import Passkey
from tests.api.world import Browser, World, shown_codes


def _send_counter_back(device: Authenticator) -> None:
    device.keys[-1].sign_count = 0


def _lose_eligibility(device: Authenticator) -> None:
    device.keys[-1].sign_count, device.synced = 90, False


def _be_backed_up_without_being_eligible(device: Authenticator) -> None:
    device.keys[-1].sign_count, device.synced, device.flags = 90, False, BACKED_UP


MISBEHAVIOURS = {
    "sign_count_went_back": _send_counter_back,
    "backup_eligibility_lost": _lose_eligibility,
    "backup_state_impossible": _be_backed_up_without_being_eligible,
}


@pytest.fixture
def device(world: World) -> Authenticator:
    """A device that counts its signatures, and whose passkeys may be synced."""
    return world.authenticator(synced=False, flags=BACKUP_ELIGIBLE)


@pytest.fixture
def account(world: World, browser: Browser, device: Authenticator) -> Account:
    """Somebody whose passkey has signed in, and whose text-message codes work."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(device)
    browser.prove_passkey()
    return account


def kept(world: World, account: Account) -> Passkey:
    with world.database.reading() as session:
        return passkeys.ever_bound(session, account.account_id)[0]


def details(world: World, account: Account, kind: str) -> list[dict[str, Any]]:
    return [entry.detail for entry in world.journal(account) if entry.kind == kind]


@pytest.fixture(params=MISBEHAVIOURS)
def reason(request: pytest.FixtureRequest, device: Authenticator, account: Account) -> str:
    """The device's passkey begins to behave oddly, for this reason."""
    name: str = request.param
    behave: Callable[[Authenticator], None] = MISBEHAVIOURS[name]
    if name != "sign_count_went_back":
        device.flags = 0
    behave(device)
    return name


def test_a_passkey_that_behaves_like_a_copy_is_held_and_support_and_the_owner_are_told(
    world: World, browser: Browser, account: Account, device: Authenticator, reason: str
) -> None:
    refused = world.browser().sign_in_by_passkey(device)
    assert refused.status_code == 400
    passkey = kept(world, account)
    assert (passkey.frozen_at, passkey.suspicion) == (world.clock(), reason)
    assert details(world, account, "passkey_held") == [{"passkey_id": passkey.passkey_id, "reason": reason}]
    assert details(world, account, "support_case") == [
        {"passkey_id": passkey.passkey_id, "reason": "passkey_held"}
    ]
    assert world.templates(account).count(Template.PASSKEY_HELD) == 2
    assert world.facts(account).passkeys == 0
    assert browser.get("/account").headers["location"] == "/sign-in"  # it had signed in there


@pytest.mark.usefixtures("reason")
def test_what_is_held_opens_nothing_any_more_and_opens_one_case(
    world: World, account: Account, device: Authenticator
) -> None:
    world.browser().sign_in_by_passkey(device)
    device.keys[-1].sign_count, device.synced, device.flags = 200, False, BACKUP_ELIGIBLE
    again = world.browser().sign_in_by_passkey(device).json()["error"]
    assert again["reason"] == "passkey_held"
    assert "on hold for your safety" in again["text"]
    assert len(details(world, account, "support_case")) == 1


def test_the_only_way_in_that_works_is_not_held_and_one_case_is_opened(
    world: World, account: Account, device: Authenticator
) -> None:
    world.set_sms(account, SmsState.REMOVED)
    for _ in range(2):
        _send_counter_back(device)
        assert world.browser().sign_in_by_passkey(device).status_code == 200
    passkey = kept(world, account)
    assert (passkey.frozen_at, passkey.suspicion, passkey.sign_count) == (None, "sign_count_went_back", 1)
    assert [detail["reason"] for detail in details(world, account, "support_case")] == ["passkey_suspicious"]
    assert len(details(world, account, "passkey_watched")) == 1


def test_a_stranger_cannot_have_a_passkey_held_without_its_key(
    world: World, account: Account, device: Authenticator
) -> None:
    stranger = world.browser()
    options = stranger.send("/sign-in/passkey/options").json()
    _be_backed_up_without_being_eligible(device)
    answer = device.get(options)
    answer["response"]["signature"] = answer["response"]["signature"][:-8] + "AAAAAAAA"
    assert stranger.send("/sign-in/passkey", answer).status_code == 400
    assert kept(world, account).frozen_at is None


def test_recovery_codes_are_way_enough_to_hold_a_passkey(
    world: World, browser: Browser, account: Account, device: Authenticator
) -> None:
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    world.set_sms(account, SmsState.REMOVED)
    _send_counter_back(device)
    assert world.browser().sign_in_by_passkey(device).status_code == 400
    assert kept(world, account).frozen_at == world.clock()


def test_the_owner_removes_what_is_held_and_adds_the_device_again(
    world: World, account: Account, device: Authenticator
) -> None:
    _send_counter_back(device)
    world.browser().sign_in_by_passkey(device)
    owner = world.browser()
    owner.sign_in_by_code(account)
    shown = owner.get("/account").text
    assert "It behaved as only a copy of it would" in shown
    passkey_id = kept(world, account).passkey_id
    assert owner.post(f"/account/passkeys/{passkey_id}/remove", is_sure="true").status_code == 303
    assert owner.make_passkey(device).status_code == 200
    assert owner.prove_passkey().status_code == 200


def test_what_is_held_is_not_removed_during_a_dispute(
    world: World, account: Account, device: Authenticator
) -> None:
    _send_counter_back(device)
    world.browser().sign_in_by_passkey(device)
    with world.database.transaction() as session:
        passkey = passkeys.ever_bound(session, account.account_id)[0]
        session.get_one(Account, account.account_id).disputed_since = world.clock()
    owner = world.browser()
    owner.sign_in_by_code(account)
    assert owner.post(f"/account/passkeys/{passkey.passkey_id}/remove").status_code == 403


def test_a_passkey_that_becomes_synced_is_shown_so_and_counts_so(
    world: World, browser: Browser, account: Account, device: Authenticator
) -> None:
    assert "Not synced yet" in browser.get("/account").text
    assert world.facts(account).synced_passkeys == 0
    device.flags = BACKUP_ELIGIBLE | BACKED_UP
    assert browser.sign_in_by_passkey(device).status_code == 200
    assert "Synced across your devices" in browser.get("/account").text
    assert world.facts(account).synced_passkeys == 1
    passkey_id = kept(world, account).passkey_id
    changes = details(world, account, "passkey_sync_changed")
    assert changes == [{"passkey_id": passkey_id, "synced": True}]
    device.flags = BACKUP_ELIGIBLE
    assert browser.sign_in_by_passkey(device).status_code == 200
    assert world.facts(account).synced_passkeys == 0
    assert details(world, account, "support_case") == []


def test_a_passkey_that_was_bound_to_one_device_and_becomes_synced_is_kept_up_to_date(
    world: World, browser: Browser
) -> None:
    device = world.authenticator(synced=False)
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(device)
    browser.prove_passkey()
    device.flags = BACKUP_ELIGIBLE | BACKED_UP
    for _ in range(2):
        assert browser.sign_in_by_passkey(device).status_code == 200
    passkey = kept(world, account)
    assert (passkey.backup_eligible, passkey.backed_up, passkey.suspicion) == (True, True, None)
    assert len(details(world, account, "passkey_sync_changed")) == 1
    assert details(world, account, "passkey_watched") == []
