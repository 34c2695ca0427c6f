"""Reminders end with one click, and begin again with another; nothing else hangs on it."""

import re

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from domain.facts import Channel, Milestone
from domain.messages.links import objection_token, stop_token
from domain.messages.messages import Fate, Purpose, Template
from store.messages import contact_faults, fates, messages
from store.messages.messages import NewMessage
from store.people.accounts import Account
from tests.api.world import ORIGIN, Browser, World

KEY = "migration:1:passkey_enrolled:1"
GONE = "no more reminders"


def remind(world: World, account: Account, key: str = KEY, channel: Channel = Channel.EMAIL) -> str:
    """A reminder, and the path of the link in it."""
    contact = account.email if channel is Channel.EMAIL else account.phone
    new = NewMessage(
        key=key,
        account_id=account.account_id,
        purpose=Purpose.NUDGE,
        template=Template.NUDGE_PASSKEY_ENROLLED,
        channel=channel,
        recipient=contact or "",
        locale="en",
        milestone=Milestone.PASSKEY_ENROLLED,
    )
    with world.database.transaction() as session:
        messages.add(session, new, at=world.clock())
    return f"/no-reminders/{stop_token(world.services.seal, key)}"


def one_click(world: World, path: str) -> Response:
    """What a mail program posts: no cookie, no origin (RFC 8058)."""
    client = TestClient(world.app(), base_url=ORIGIN, follow_redirects=False)
    return client.post(path, data={"List-Unsubscribe": "One-Click"})


def test_opening_the_link_asks_first(world: World) -> None:
    account = world.account()
    path = remind(world, account)
    for _ in range(3):
        page = world.browser().get(path)
        assert page.status_code == 200
        assert f'action="{path}"' in page.text
    assert (account.email or "?") not in page.text
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


def test_the_button_ends_reminders(world: World) -> None:
    account = world.account()
    path = remind(world, account)
    browser = world.browser()
    assert GONE in browser.follow(browser.post(path)).text.lower()
    assert world.facts(account).channels == (Channel.SMS,)
    entry = world.journal(account)[-1]
    assert (entry.kind, entry.actor) == ("reminders_stopped", "person")
    assert entry.detail == {"channel": "email", "key": KEY, "by": "one_click"}


def test_a_mail_program_ends_them_by_itself_and_as_often_as_it_likes(world: World) -> None:
    account = world.account()
    path = remind(world, account)
    for _ in range(3):
        assert one_click(world, path).status_code == 200
    assert world.kinds(account).count("reminders_stopped") == 1
    assert world.facts(account).channels == (Channel.SMS,)


def test_a_multipart_form_will_do_as_well(world: World) -> None:
    account = world.account()
    client = TestClient(world.app(), base_url=ORIGIN)
    answer = client.post(remind(world, account), files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert world.kinds(account)[-1] == "reminders_stopped"


def test_an_address_that_is_no_longer_the_accounts_gets_none_anyway(world: World) -> None:
    account = world.account()
    path = remind(world, account)
    with world.database.transaction() as session:
        session.get_one(Account, account.account_id).email = "new@example.org"
    assert one_click(world, path).status_code == 200
    assert "reminders_stopped" not in world.kinds(account)
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_was_not_made_here_does_nothing(world: World, method: str) -> None:
    account = world.account()
    remind(world, account)
    seal = world.services.seal
    for token in (
        "nonsense",
        objection_token(seal, KEY),
        stop_token(seal, "no such message"),
        "%ff",
        "x" * 5000,
    ):
        answer = world.browser().client.request(method, f"/no-reminders/{token}")
        assert answer.status_code == 410
        assert "no longer works" in answer.text
    assert "reminders_stopped" not in world.kinds(account)


def test_the_token_opens_nothing_else(world: World) -> None:
    client = TestClient(world.app(), base_url=ORIGIN, follow_redirects=False)
    client.post(remind(world, world.account()))
    assert not client.cookies
    assert client.get("/account").headers["location"] == "/sign-in"
    assert client.post("/account/reminders/email").status_code == 403


def test_the_person_sees_it_and_may_want_reminders_again(world: World, browser: Browser) -> None:
    account = world.account()
    path = remind(world, account)
    browser.sign_in_by_code(account)
    assert "/account/reminders" not in browser.get("/account").text
    one_click(world, path)
    assert "/account/reminders/email" in browser.get("/account").text
    for _ in range(2):
        answer = browser.post("/account/reminders/email")
        assert answer.headers["location"] == "/account?done=reminders"
    assert "You will be reminded again" in browser.get("/account?done=reminders").text
    assert "/account/reminders" not in browser.get("/account").text
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)
    again = [entry for entry in world.journal(account) if entry.kind == "contact_works_again"]
    assert [(entry.actor, entry.detail) for entry in again] == [("person", {"channel": "email"})]


def test_who_had_them_again_can_end_them_again(world: World, browser: Browser) -> None:
    account = world.account()
    path = remind(world, account)
    browser.sign_in_by_code(account)
    one_click(world, path)
    browser.post("/account/reminders/email")
    one_click(world, path)
    assert world.facts(account).channels == (Channel.SMS,)


def test_an_answer_of_stop_is_shown_with_how_to_take_it_back(world: World, browser: Browser) -> None:
    account = world.account()
    remind(world, account, channel=Channel.SMS)
    browser.sign_in_by_code(account)
    with world.database.transaction() as session:
        fates.note(session, KEY, Fate.UNSUBSCRIBED, reason="twilio_21610", at=world.clock())
    page = browser.get("/account").text
    assert re.search(r"STOP.*START", page)
    assert "/account/reminders/email" not in page
    browser.post("/account/reminders/sms")
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


def test_a_broken_address_is_not_mended_by_wanting_reminders(world: World, browser: Browser) -> None:
    account = world.account()
    remind(world, account)
    browser.sign_in_by_code(account)
    with world.database.transaction() as session:
        fates.note(session, KEY, Fate.BOUNCED, reason="bounce_550", at=world.clock())
    browser.post("/account/reminders/email")
    assert world.facts(account).channels == (Channel.SMS,)


def test_a_channel_that_is_none_is_nowhere(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    assert browser.post("/account/reminders/pigeon").status_code == 404


def test_whoever_ends_reminders_on_a_broken_address_stays_without_them(world: World) -> None:
    account = world.account()
    path = remind(world, account)
    with world.database.transaction() as session:
        fates.note(session, KEY, Fate.BLOCKED, reason="blocked_452", at=world.clock())
    one_click(world, path)
    with world.database.transaction() as session:
        fault = contact_faults.of_accounts(session, [account.account_id])[account.account_id, Channel.EMAIL]
    assert (fault.fate, fault.reason) == (Fate.UNSUBSCRIBED, "one_click")
