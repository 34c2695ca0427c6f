"""A lost device that is found works again by itself after a cooling-off, of which everybody hears who could stop it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain.facts import Channel
from domain.messages.links import objection_token
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.staff.staff import Author
from providers.software_authenticator import BACKUP_ELIGIBLE, Authenticator
from services.safety import guard, waiting_changes
from store.messages import messages
from store.people import passkeys
from store.people.accounts import Account
from tests.api.world import Browser, World, shown_codes
from tests.factories import send_everything

MOMENT = timedelta(minutes=1)


@dataclass
class Loss:
    """An owner with recovery codes whose phone is on hold as lost; `owner` is signed in by a text-message code."""

    world: World
    account: Account
    phone: Authenticator
    codes: list[str]
    owner: Browser
    path: str

    def brings_device(self, browser: Browser, device: Authenticator) -> int:
        """Show, at the page for it, that a device is there."""
        options = browser.send(f"{self.path}/found/options")
        if options.status_code != 200:
            return options.status_code
        return browser.send(f"{self.path}/found/device", device.get(options.json())).status_code

    def time_passes(self) -> None:
        """All that was said goes out, and what has waited long enough is done."""
        with self.world.database.transaction() as session:
            send_everything(session, self.account.account_id, at=self.world.clock())
        self.world.clock.advance(STANDARD.cooling_off + MOMENT)
        waiting_changes.carry_out_due(self.world.database, now=self.world.clock())

    def signs_in(self, device: Authenticator) -> int:
        """Try a device at the door."""
        return self.world.browser().sign_in_by_passkey(device).status_code


@pytest.fixture
def tablet(world: World) -> Authenticator:
    """A second device, whose passkey the first one has vouched for."""
    return world.authenticator()


@pytest.fixture
def loss(world: World, browser: Browser, phone: Authenticator, tablet: Authenticator) -> Loss:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(STANDARD.cooling_off + MOMENT)
    browser.sign_in_by_passkey(phone)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    browser.make_passkey(tablet)
    with world.database.reading() as session:
        path = f"/account/passkeys/{passkeys.kept(session, account.account_id)[0].passkey_id}"
    owner = world.browser()
    owner.sign_in_by_code(account)
    owner.post(f"{path}/lost")
    code = world.secret(account, Template.HOLD_CODE)["code"]
    assert owner.post("/account/lost/code", code=code).status_code == 303
    world.clock.advance(timedelta(hours=2))
    return Loss(world, account, phone, codes[1:], owner, path)


def press_button(loss: Loss, template: Template) -> None:
    """The owner presses the button behind the link of the letter."""
    with loss.world.database.transaction() as session:
        send_everything(session, loss.account.account_id, at=loss.world.clock())
        sent = messages.of_account(session, loss.account.account_id)
        key = next(row.key for row in sent if (row.template, row.channel) == (template, Channel.EMAIL))
    token = objection_token(loss.world.services.seal, key)
    assert loss.world.browser().post(f"/not-me/{token}").status_code == 303


def test_a_found_device_signs_in_again_after_a_cooling_off_of_which_all_contacts_were_told(
    loss: Loss,
) -> None:
    assert "/found" in loss.owner.get("/account").text
    assert "in your hands" in loss.owner.get(f"{loss.path}/found").text
    assert loss.brings_device(loss.owner, loss.phone) == 200
    assert loss.world.templates(loss.account).count(Template.CHANGE_WAITS) == 2
    assert loss.signs_in(loss.phone) == 400
    shown = loss.owner.get("/account").text
    assert "can sign in from" in shown
    assert "again: this becomes final" in shown
    loss.time_passes()
    assert loss.world.kinds(loss.account)[-2:] == ["passkey_released", "change_done"]
    assert loss.signs_in(loss.phone) == 200


def test_a_thief_of_the_device_with_its_screen_lock_gains_nothing_at_once(loss: Loss) -> None:
    """The SIM is in it, too."""
    thief = loss.world.browser("198.51.100.9")
    thief.sign_in_by_code(loss.account)
    assert loss.brings_device(thief, loss.phone) == 200
    assert loss.signs_in(loss.phone) == 400
    assert thief.post(f"{loss.path}/found").status_code == 403
    assert thief.post(f"{loss.path}/remove").status_code in (403, 404)


def test_under_guard_whoever_has_the_sim_and_the_device_begins_nothing(loss: Loss) -> None:
    thief = loss.world.browser("198.51.100.9")
    with loss.world.database.transaction() as session:
        by, length = Author(by="ada"), timedelta(hours=6)
        guard.put_up(session, by, length=length, reason="SIM swaps", at=loss.world.clock())
    thief.sign_in_by_code(loss.account)
    assert loss.brings_device(thief, loss.phone) == 403
    assert "/found" not in thief.get("/account").text
    loss.world.clock.advance(length + MOMENT)
    thief.sign_in_by_code(loss.account)
    assert loss.brings_device(thief, loss.phone) == 200


def test_the_owners_other_passkey_stops_what_a_thief_of_the_device_has_begun(
    loss: Loss, tablet: Authenticator
) -> None:
    thief = loss.world.browser("198.51.100.9")
    thief.sign_in_by_code(loss.account)
    loss.brings_device(thief, loss.phone)
    loss.owner.sign_in_by_passkey(tablet)
    page = loss.owner.get("/account").text
    change_id = page.split("/account/waiting/")[1].split("/")[0]
    assert loss.owner.post(f"/account/waiting/{change_id}/stop").status_code == 303
    loss.time_passes()
    assert loss.signs_in(loss.phone) == 400


def test_a_passkey_that_is_younger_than_the_codes_of_a_thief_stops_it_as_well(
    loss: Loss, tablet: Authenticator
) -> None:
    """The codes lay beside the device, and go back to an earlier day than a passkey that was added later by itself."""
    world, account = loss.world, loss.account
    laptop = world.authenticator()
    loss.owner.make_passkey(laptop)
    loss.time_passes()
    thief = world.browser("198.51.100.9")
    thief.post("/sign-in/recovery", identifier=account.phone or "", code=loss.codes[0])
    assert loss.brings_device(thief, loss.phone) == 200
    assert loss.owner.sign_in_by_passkey(laptop).status_code == 200
    change_id = loss.owner.get("/account").text.split("/account/waiting/")[1].split("/")[0]
    loss.owner.post(f"/account/waiting/{change_id}/stop")
    loss.time_passes()
    assert loss.signs_in(loss.phone) == 400


def test_the_link_in_the_letter_of_the_wait_ends_it(loss: Loss) -> None:
    thief = loss.world.browser("198.51.100.9")
    thief.sign_in_by_code(loss.account)
    loss.brings_device(thief, loss.phone)
    press_button(loss, Template.CHANGE_WAITS)
    loss.time_passes()
    assert loss.signs_in(loss.phone) == 400


def test_an_objection_after_the_wait_puts_the_device_on_hold_again(loss: Loss) -> None:
    thief = loss.world.browser("198.51.100.9")
    thief.sign_in_by_code(loss.account)
    loss.brings_device(thief, loss.phone)
    loss.time_passes()
    press_button(loss, Template.PASSKEY_RELEASED)
    assert loss.signs_in(loss.phone) == 400


def test_a_recovery_code_is_a_proof_too_even_the_last_one(loss: Loss) -> None:
    for code in loss.codes:
        owner = loss.world.browser()
        owner.post("/sign-in/recovery", identifier=loss.account.phone or "", code=code)
    assert loss.brings_device(owner, loss.phone) == 200
    loss.time_passes()
    assert loss.signs_in(loss.phone) == 200


def test_a_device_that_is_not_the_lost_one_begins_nothing(loss: Loss, tablet: Authenticator) -> None:
    assert loss.brings_device(loss.owner, tablet) == 400
    assert loss.brings_device(loss.owner, loss.world.authenticator(keys=list(tablet.keys))) == 400
    assert Template.CHANGE_WAITS not in loss.world.templates(loss.account)


def test_what_is_still_new_is_no_proof(loss: Loss) -> None:
    """A passkey that was bound by a text-message code yesterday signs in, and brings no device back."""
    laptop = loss.world.authenticator()
    loss.owner.make_passkey(laptop)
    loss.owner.sign_in_by_passkey(laptop)
    assert loss.brings_device(loss.owner, loss.phone) == 403
    assert "/found" not in loss.owner.get("/account").text


def test_a_copy_of_the_lost_device_stays_on_hold_and_support_looks(loss: Loss) -> None:
    loss.phone.synced = False  # the record says that it may be synced
    assert loss.brings_device(loss.owner, loss.phone) == 400
    assert "behaved as only a copy" in loss.owner.get("/account").text
    loss.time_passes()
    loss.phone.synced = True
    assert loss.signs_in(loss.phone) == 400
    assert "support_case" in loss.world.kinds(loss.account)


def test_two_tabs_with_the_found_device_are_no_sign_of_a_copy(world: World, loss: Loss) -> None:
    loss.phone.synced, loss.phone.flags = False, BACKUP_ELIGIBLE
    late = loss.phone.get(loss.owner.send(f"{loss.path}/found/options").json())
    world.clock.advance(MOMENT)
    assert loss.brings_device(loss.owner, loss.phone) == 200
    error = loss.owner.send(f"{loss.path}/found/device", late).json()["error"]
    assert (error["reason"], error["calm"]) == ("overtaken", True)
    loss.time_passes()
    assert loss.signs_in(loss.phone) == 200


def test_asking_twice_tells_once_and_keeps_the_earlier_moment(loss: Loss) -> None:
    loss.brings_device(loss.owner, loss.phone)
    loss.world.clock.advance(timedelta(hours=5))
    assert loss.brings_device(loss.owner, loss.phone) == 200
    assert loss.world.templates(loss.account).count(Template.CHANGE_WAITS) == 2


def test_the_door_says_of_a_lost_device_what_to_do_when_it_is_found(loss: Loss) -> None:
    refused = loss.world.browser().sign_in_by_passkey(loss.phone)
    assert refused.json()["error"]["reason"] == "passkey_lost"
    assert "You have it again?" in refused.json()["error"]["text"]
