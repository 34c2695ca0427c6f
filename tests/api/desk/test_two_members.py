"""How somebody signs in is changed by two members of staff: one asks, and another reads what it does and approves."""

import re
from typing import Any

import pytest
from httpx2 import Response

from domain.desk.acts import Act
from domain.facts import SmsState
from domain.journal import EventKind
from domain.messages.messages import Template
from domain.passkeys import Suspicion
from domain.staff.staff import STEP_UP_LIFETIME, AuditKind, Role
from services.safety import objections
from store.messages import messages
from store.people import accounts, held_passkeys, passkeys
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_case_acts import WHY, act_on, request_id
from tests.api.desk.test_desk import EVIL, case_of
from tests.api.staff.staff import Desk, at_desk, audited, member
from tests.api.world import Browser, World
from tests.factories import make_passkey


@pytest.fixture
def person(world: World) -> Account:
    """Somebody on their way, with a passkey."""
    account = world.account()
    with world.database.transaction() as session:
        make_passkey(session, account.account_id, platform="Windows")
    return account


def passkey_of(world: World, account: Account) -> str:
    with world.database.reading() as session:
        return passkeys.active(session, account.account_id)[0].passkey_id


def approve(desk: Desk, pending_id: str) -> Response:
    return desk.browser.post(f"/console/approvals/{pending_id}/approve")


def waiting(desk: Desk) -> str:
    return text(desk.browser.get("/console/approvals"))


def object_to_the_passkey(world: World, account: Account) -> None:
    """The owner says that they have not made their new passkey."""
    phone = world.browser()
    phone.sign_in_by_code(account)
    phone.verify_email(account)
    phone.make_passkey(world.authenticator())
    with world.database.transaction() as session:
        sent = messages.of_account(session, account.account_id)
        key = next(message.key for message in sent if message.template == Template.PASSKEY_BOUND)
        objections.make(session, key, at=world.clock())


def settle_page(desk: Desk, account: Account) -> str:
    """The path of the page of the account's only open objection."""
    page = desk.browser.get(case_of(account)).text
    link = re.search(r'href="(/console/cases/[^"]+/objections/[^"]+)"', page)
    assert link
    return link[1]


def test_a_device_goes_when_a_colleague_has_read_which_and_approved(
    sam: Desk, sue: Desk, person: Account
) -> None:
    passkey_id = passkey_of(sam.world, person)
    act_on(sam, person, Act.REMOVE_DEVICE, target=passkey_id)
    assert "Ask a colleague" in text(sam.browser.get(f"{case_of(person)}/acts/{Act.REMOVE_DEVICE}"))
    for page in (waiting(sue), text(sue.browser.get(case_of(person)))):
        assert "The passkey on Windows, created" in page
        assert "opens the account no more" in page
        assert WHY in page
    pending_id = request_id(sam)
    assert approve(sam, pending_id).status_code == 409
    assert EventKind.PASSKEY_REMOVED not in sam.world.kinds(person)
    assert approve(sue, pending_id).status_code == 303
    assert sam.world.kinds(person)[-1] == EventKind.PASSKEY_REMOVED
    assert "sue@example.com with sam@example.com" in text(sam.browser.get(case_of(person)))


def test_approving_asks_who_it_is(sam: Desk, world: World, person: Account) -> None:
    act_on(sam, person, Act.REMOVE_DEVICE, target=passkey_of(world, person))
    world.clock.advance(STEP_UP_LIFETIME)
    sue = at_desk(world, Role.SUPPORT, "sue@example.com")
    world.clock.advance(STEP_UP_LIFETIME)
    assert approve(sue, request_id(sam)).headers["location"].startswith("/console/step-up")
    assert EventKind.PASSKEY_REMOVED not in world.kinds(person)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SmsState.NOTICE, "their end was announced"),
        (SmsState.SUSPENDED, "were switched off"),
    ],
)
def test_text_message_codes_come_back_when_a_colleague_has_read_how_they_stand(
    sam: Desk, sue: Desk, person: Account, state: SmsState, words: str
) -> None:
    sam.world.set_sms(person, state)
    asked = act_on(sam, person, Act.RESTORE_SMS)
    shown = text(sam.browser.get(asked.headers["location"]))
    assert "Now it waits for a colleague" in shown
    assert "Text-message codes are back on." not in shown
    assert sam.world.reload(person.account_id).sms == state
    assert words in waiting(sue)
    assert approve(sue, request_id(sue)).status_code == 303
    assert sam.world.reload(person.account_id).sms == SmsState.ON


def test_an_exemption_that_switches_text_message_codes_on_takes_two(
    sam: Desk, sue: Desk, person: Account
) -> None:
    sam.world.set_sms(person, SmsState.SUSPENDED)
    assert "switches them on again" in text(sam.browser.get(f"{case_of(person)}/acts/{Act.EXEMPT}"))
    asked = act_on(sam, person, Act.EXEMPT, days="30", rest="no_capable_device")
    assert "Now it waits for a colleague" in text(sam.browser.get(asked.headers["location"]))
    assert sam.world.reload(person.account_id).sms == SmsState.SUSPENDED
    assert "left alone for 30 days: “No device that can hold a passkey”." in waiting(sue)
    approve(sue, request_id(sue))
    account = sam.world.reload(person.account_id)
    assert (account.sms, account.rest) == (SmsState.ON, "no_capable_device")


def test_what_cannot_be_approved_any_more_says_so_and_has_no_button(
    sam: Desk, sue: Desk, person: Account
) -> None:
    act_on(sam, person, Act.REMOVE_DEVICE, target=passkey_of(sam.world, person))
    with sam.world.database.transaction() as session:
        accounts.get(session, person.account_id).disputed_since = sam.world.clock()
    assert "It cannot be approved now. An objection is open." in waiting(sue)
    assert "/approve" not in sue.browser.get("/console/approvals").text
    answer = approve(sue, request_id(sue))
    assert (answer.status_code, "An objection is open." in text(answer)) == (409, True)
    assert audited(sam.world)[-1].kind == AuditKind.ACT_REFUSED


def test_an_objection_is_settled_by_two_who_show_who_they_are(sam: Desk, sue: Desk) -> None:
    person = sam.world.account()
    object_to_the_passkey(sam.world, person)
    path = settle_page(sam, person)
    form: dict[str, Any] = {"outcome": "upheld", "reason": "asked at the counter"}
    assert "Ask a colleague" in text(sam.browser.get(path))
    assert sam.browser.client.post(path, data=form, headers=EVIL).status_code == 403
    assert sam.browser.client.post(path, data=form).headers["location"] == case_of(person)
    assert sam.world.reload(person.account_id).disputed_since is not None
    assert "a colleague’s approval is waited for" in text(sam.browser.get(case_of(person)))
    assert "sam@example.com wants to settle it" in text(sue.browser.get(path))
    assert sam.browser.post(path, **form).status_code == 409
    told = waiting(sue)
    assert "It was somebody else" in told
    assert path in sue.browser.get("/console/approvals").text
    pending_id = request_id(sam)
    assert approve(sam, pending_id).status_code == 409
    assert sam.world.reload(person.account_id).disputed_since is not None
    assert approve(sue, pending_id).status_code == 303
    assert sam.world.reload(person.account_id).disputed_since is None
    case = text(sam.browser.get(case_of(person)))
    assert "it was not the owner" in case
    assert "sue@example.com with sam@example.com" in case
    done = audited(sam.world)[-2]
    assert (done.kind, done.by) == (AuditKind.CASE_ACTED_ON, sue.address)
    assert done.detail["together_with"] == member(sam.world, sam.address).staff_id


def test_settling_asks_who_it_is_and_forgets_nothing_typed(world: World) -> None:
    person = world.account()
    object_to_the_passkey(world, person)
    sam = at_desk(world, Role.SUPPORT, "sam@example.com")
    world.clock.advance(STEP_UP_LIFETIME)
    path = settle_page(sam, person)
    stopped = sam.browser.client.post(path, data={"outcome": "upheld", "reason": "asked at the counter"})
    assert stopped.headers["location"].startswith("/console/step-up")
    back = re.search(r'href="(/console/cases/[^"]+)"', sam.browser.get(stopped.headers["location"]).text)
    assert back
    sam.step_up()
    assert "asked at the counter" in sam.browser.get(back[1]).text


def test_an_objection_that_was_declined_can_be_settled_otherwise(sam: Desk, sue: Desk) -> None:
    person = sam.world.account()
    object_to_the_passkey(sam.world, person)
    path = settle_page(sam, person)
    sam.browser.client.post(path, data={"outcome": "upheld", "reason": "asked at the counter"})
    sue.browser.post(f"/console/approvals/{request_id(sue)}/decline")
    sue.browser.client.post(path, data={"outcome": "dismissed", "reason": "they called back"})
    assert "what was stopped works again" in waiting(sam)
    assert approve(sam, request_id(sam)).status_code == 303
    assert "it was the owner after all" in text(sam.browser.get(case_of(person)))


def test_in_a_console_that_nobody_has_joined_nothing_that_takes_two_is_done(
    local: World, olga: Browser
) -> None:
    account = local.account()
    local.set_sms(account, SmsState.SUSPENDED)
    answer = act_on(Desk(world=local, address="", browser=olga), account, Act.RESTORE_SMS)
    assert (answer.status_code, "offramp staff invite" in text(answer)) == (409, True)
    assert local.reload(account.account_id).sms == SmsState.SUSPENDED


def test_support_reads_what_hangs_together_and_what_each_outcome_does_before_it_settles(
    sam: Desk, sue: Desk
) -> None:
    person = sam.world.account()
    object_to_the_passkey(sam.world, person)
    path = settle_page(sam, person)
    for page in (text(sam.browser.get(case_of(person))), text(sam.browser.get(path))):
        tree = page[page.index("What hangs together") :]
        assert tree.index("Signed in by text-message code") < tree.index("The passkey on")
        assert "is removed. " in tree
        assert "can sign in again." in tree
        assert "If nobody decides, it ends" in tree
    sam.browser.client.post(path, data={"outcome": "upheld", "reason": "asked at the counter"})
    assert "is removed. The objection" in waiting(sue)


def test_a_suspected_device_signs_in_again_when_a_colleague_has_read_why_it_was_held(
    sam: Desk, sue: Desk, person: Account
) -> None:
    passkey_id = passkey_of(sam.world, person)
    with sam.world.database.transaction() as session:
        passkey = passkeys.get(session, person.account_id, passkey_id)
        held_passkeys.suspect(session, passkey, Suspicion.SIGN_COUNT_WENT_BACK)
        held_passkeys.freeze(session, passkey, at=sam.world.clock())
    assert "its counter did not go up" in text(sam.browser.get(f"{case_of(person)}/acts/{Act.LIFT_HOLD}"))
    act_on(sam, person, Act.LIFT_HOLD, target=passkey_id)
    assert "its counter did not go up" in waiting(sue)
    assert approve(sam, request_id(sam)).status_code == 409
    assert approve(sue, request_id(sam)).status_code == 303
    assert sam.world.kinds(person)[-1] == EventKind.PASSKEY_RELEASED


def test_an_open_objection_is_settled_before_anything_else(sam: Desk) -> None:
    person = sam.world.account()
    object_to_the_passkey(sam.world, person)
    first = sam.browser.get(case_of(person)).text.split('id="acts-title"')[1].split("<details")[0]
    assert f'class="button" href="{settle_page(sam, person)}"' in first
    assert "/acts/note" in first
