"""What attackers try over HTTP, each from what they hold: the SIM, the mailbox, both, or an established device."""

import re
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.links import objection_token
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.trust import Change
from providers.software_authenticator import Authenticator
from services.safety import deadlines, waiting_changes
from store.messages import messages
from store.people import passkeys
from store.people.accounts import Account
from tests.api.world import Browser, World
from tests.clocks import FakeClock
from tests.factories import send_everything

MOMENT = timedelta(minutes=1)


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator, clock: FakeClock) -> Account:
    """Somebody who has set a passkey up, which is established by now, and who is signed in by it."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    assert browser.sign_in_by_passkey(phone).status_code == 200
    clock.advance(MOMENT)
    return account


@pytest.fixture
def thief(world: World, account: Account) -> Browser:
    """Somebody who holds the SIM, and has signed in by a text message."""
    thief = world.browser("198.51.100.9")
    assert thief.sign_in_by_code(account).headers["location"] == "/sign-in/why"
    return thief


def pass_by(world: World, account: Account, time: timedelta) -> None:
    """All messages go out, and then time passes."""
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(time)


def oldest_passkey(world: World, account: Account) -> str:
    with world.database.reading() as session:
        return passkeys.kept(session, account.account_id)[0].passkey_id


def object_by_email(world: World, account: Account, template: Template) -> None:
    """The owner presses the button behind the link of the newest letter of a kind."""
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
        key = next(row.key for row in sent if (row.template, row.channel) == (template, Channel.EMAIL))
    assert world.browser().post(f"/not-me/{objection_token(world.services.seal, key)}").status_code == 303


def test_a_sim_alone_removes_no_passkey_makes_no_codes_and_changes_no_address(
    world: World, account: Account, thief: Browser, phone: Authenticator
) -> None:
    passkey_id = oldest_passkey(world, account)
    forms: tuple[tuple[str, dict[str, Any]], ...] = (
        (f"/account/passkeys/{passkey_id}/remove", {}),
        (f"/account/passkeys/{passkey_id}/name", {"name": "Mine"}),
        ("/setup/recovery-codes", {}),
        ("/account/email", {"email": "thief@example.net"}),
    )
    for path, form in forms:
        assert thief.post(path, **form).status_code == 403, path
    assert world.browser().sign_in_by_passkey(phone).status_code == 200
    assert world.reload(account.account_id).email == account.email


def test_a_sim_does_not_tell_the_owners_whole_address(
    thief: Browser, browser: Browser, account: Account
) -> None:
    told = thief.send("/passkeys/options").text + thief.get("/account").text
    assert (account.email or "") not in told
    assert (account.email or "") in browser.send("/passkeys/options").text


def test_a_sim_ends_no_session_that_is_trusted_more(thief: Browser, browser: Browser) -> None:
    assert thief.post("/account/sign-out-everywhere").headers["location"] == "/sign-in"
    assert browser.get("/account").status_code == 200


def test_a_sign_in_by_text_into_an_account_with_a_passkey_is_told_by_e_mail(
    world: World, account: Account, thief: Browser
) -> None:
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
    assert Channel.EMAIL in [row.channel for row in sent if row.template == Template.SMS_SIGNED_IN]


def test_a_passkey_that_a_sim_has_brought_changes_nothing_and_goes_by_one_press(
    world: World, account: Account, thief: Browser, browser: Browser, phone: Authenticator
) -> None:
    own = world.authenticator()
    assert thief.make_passkey(own).status_code == 200
    assert thief.sign_in_by_passkey(own).status_code == 200
    owners = oldest_passkey(world, account)
    assert thief.post(f"/account/passkeys/{owners}/remove").status_code == 403
    assert thief.post("/setup/recovery-codes").status_code == 403
    object_by_email(world, account, Template.PASSKEY_BOUND)
    assert world.browser().sign_in_by_passkey(own).status_code == 400
    assert browser.sign_in_by_passkey(phone).status_code == 200
    assert browser.post("/setup/recovery-codes").status_code == 200


def test_what_a_sim_has_brought_and_nobody_objects_to_waits_once_more_before_it_removes_what_is_older(
    world: World, account: Account, thief: Browser, phone: Authenticator
) -> None:
    owners, own = oldest_passkey(world, account), world.authenticator()
    thief.make_passkey(own)
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    thief.sign_in_by_passkey(own)
    assert thief.post(f"/account/passkeys/{owners}/remove").headers["location"] == "/account?done=waits"
    assert world.browser().sign_in_by_passkey(phone).status_code == 200
    object_by_email(world, account, Template.CHANGE_WAITS)
    world.clock.advance(STANDARD.cooling_off + MOMENT)
    waiting_changes.carry_out_due(world.database, now=world.clock())
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_an_owner_who_signs_in_stops_what_somebody_with_sim_and_mailbox_has_asked_for(
    world: World, account: Account, thief: Browser, browser: Browser, phone: Authenticator
) -> None:
    """No notice reaches the owner, so their passkey shows them what waits."""
    owners, own = oldest_passkey(world, account), world.authenticator()
    thief.make_passkey(own)
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    thief.sign_in_by_passkey(own)
    thief.post(f"/account/passkeys/{owners}/remove")
    world.clock.advance(STANDARD.cooling_off - timedelta(hours=1))
    browser.sign_in_by_passkey(phone)
    [path] = set(re.findall(r'"(/account/waiting/[^"]+)"', browser.get("/account").text))
    assert browser.post(path).headers["location"] == "/account?done=stopped"
    (stopped,) = [entry for entry in world.journal(account) if entry.kind == EventKind.CHANGE_STOPPED]
    assert stopped.detail["change"] == Change.REMOVE_PASSKEY
    world.clock.advance(timedelta(hours=2))
    waiting_changes.carry_out_due(world.database, now=world.clock())
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


def test_an_owner_who_neither_hears_nor_signs_in_loses_the_passkey_to_whoever_holds_the_sim(
    world: World, account: Account, thief: Browser, phone: Authenticator
) -> None:
    """This is not defended, and the threat model says so."""
    owners, own = oldest_passkey(world, account), world.authenticator()
    thief.make_passkey(own)
    pass_by(world, account, STANDARD.cooling_off + MOMENT)
    thief.sign_in_by_passkey(own)
    thief.post(f"/account/passkeys/{owners}/remove")
    world.clock.advance(STANDARD.cooling_off + MOMENT)
    waiting_changes.carry_out_due(world.database, now=world.clock())
    assert world.browser().sign_in_by_passkey(phone).status_code == 400


@pytest.mark.parametrize(
    ("press", "kind"), [("confirm", EventKind.CONFIRMED), ("reject", EventKind.REJECTED)]
)
def test_an_owner_who_decides_about_something_new_does_so_on_record(
    world: World,
    account: Account,
    thief: Browser,
    browser: Browser,
    phone: Authenticator,
    press: str,
    kind: str,
) -> None:
    thief.make_passkey(world.authenticator())
    browser.sign_in_by_passkey(phone)
    [path] = set(re.findall(rf'"(/account/new/passkey/[^"]+/{press})"', browser.get("/account").text))
    assert browser.post(path).status_code == 303
    (decided,) = [entry for entry in world.journal(account) if entry.kind == kind]
    assert decided.detail["what"] == "passkey"
    assert decided.actor == Actor.PERSON


def test_a_thiefs_session_cannot_object_to_what_the_owner_does(
    world: World, account: Account, thief: Browser, browser: Browser
) -> None:
    assert browser.post("/setup/recovery-codes").status_code == 200
    assert "/account/not-me/" not in thief.get("/account").text


def test_a_mailbox_opens_no_account_and_proves_no_address_of_somebody_else(
    world: World, account: Account
) -> None:
    reader = world.browser("198.51.100.9")
    reader.ask_for_code(account.email)
    with world.database.reading() as session:
        newest = messages.of_account(session, account.account_id)[0]
    assert (newest.template, newest.channel) == (Template.SIGN_IN_CODE, Channel.SMS)
    assert reader.get("/account").headers["location"] == "/sign-in"


def test_a_dispute_that_nobody_decides_removes_what_the_sim_has_brought(
    world: World, account: Account, thief: Browser, phone: Authenticator
) -> None:
    own = world.authenticator()
    thief.make_passkey(own)
    object_by_email(world, account, Template.PASSKEY_BOUND)
    world.clock.advance(timedelta(days=15))
    deadlines.settle_overdue(world.database, now=world.clock())
    assert world.browser().sign_in_by_passkey(own).status_code == 400
    assert world.browser().sign_in_by_passkey(phone).status_code == 200
    assert world.reload(account.account_id).disputed_since is None


def test_the_owner_ends_a_dispute_by_an_older_passkey(
    world: World, account: Account, thief: Browser, browser: Browser, phone: Authenticator
) -> None:
    own = world.authenticator()
    thief.make_passkey(own)
    object_by_email(world, account, Template.PASSKEY_BOUND)
    browser.sign_in_by_passkey(phone)
    page = browser.get("/account").text
    path = page.split('action="/account/disputes/')[1].split('"')[0]
    answer = browser.post(f"/account/disputes/{path}", outcome="upheld")
    assert answer.headers["location"] == "/account?done=answered"
    assert world.reload(account.account_id).disputed_since is None
    assert world.browser().sign_in_by_passkey(own).status_code == 400


def test_what_a_former_partners_device_removes_comes_back_and_the_device_changes_nothing_more(
    world: World, account: Account, browser: Browser, phone: Authenticator
) -> None:
    page = browser.post("/setup/device").text
    [token] = set(re.findall(r"/device\?token=([\w-]+)", page))
    partner, own = world.browser("198.51.100.9"), world.authenticator()
    partner.post("/device", token=token)
    assert partner.make_passkey(own).status_code == 200
    assert partner.sign_in_by_passkey(own).status_code == 200
    removal = f"/account/passkeys/{oldest_passkey(world, account)}/remove"
    assert partner.post(removal).status_code == 303
    object_by_email(world, account, Template.PASSKEY_REMOVED)
    assert browser.sign_in_by_passkey(phone).status_code == 200
    partner.sign_in_by_passkey(own)
    assert partner.post(removal).status_code == 403


def test_an_owner_who_answers_keeps_all_that_somebody_with_the_sim_objects_to_by_a_texts_code(
    world: World, account: Account, browser: Browser, phone: Authenticator
) -> None:
    assert browser.post("/setup/recovery-codes").status_code == 200
    with world.database.reading() as session:
        texts = messages.of_account(session, account.account_id)
        code = next(row.short_code for row in texts if row.template == Template.RECOVERY_CODES_MADE)
    thief = world.browser("198.51.100.9")
    thief.post(thief.post("/not-me", code=code or "").headers["location"])
    assert browser.sign_in_by_passkey(phone).status_code == 200
    assert browser.post("/setup/recovery-codes").status_code == 403
    [path] = set(re.findall(r'"(/account/disputes/[^"]+)"', browser.get("/account").text))
    assert browser.post(path, outcome="upheld").status_code == 403
    assert browser.post(path, outcome="dismissed").headers["location"] == "/account?done=answered"
    assert world.kinds(account)[-1] == EventKind.DISPUTE_ANSWERED
    world.clock.advance(timedelta(days=15))
    deadlines.settle_overdue(world.database, now=world.clock())
    assert browser.sign_in_by_passkey(phone).status_code == 200
    assert browser.post("/setup/recovery-codes").status_code == 200


def test_a_dispute_that_nobody_decides_leaves_the_passkey_that_is_older_than_the_visit(
    world: World, account: Account, browser: Browser, phone: Authenticator
) -> None:
    assert browser.post("/setup/recovery-codes").status_code == 200
    with world.database.reading() as session:
        texts = messages.of_account(session, account.account_id)
        code = next(row.short_code for row in texts if row.template == Template.RECOVERY_CODES_MADE)
    thief = world.browser("198.51.100.9")
    thief.post(thief.post("/not-me", code=code or "").headers["location"])
    world.clock.advance(timedelta(days=15))
    deadlines.settle_overdue(world.database, now=world.clock())
    assert world.reload(account.account_id).disputed_since is None
    assert browser.sign_in_by_passkey(phone).status_code == 200
    assert browser.post("/setup/recovery-codes").status_code == 200
