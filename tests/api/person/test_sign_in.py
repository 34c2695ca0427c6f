"""Signing in by a text-message code, without telling who exists."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx2 import Response
from structlog.testing import capture_logs

from domain.facts import SmsState
from domain.messages.messages import CODE_LIFETIME, Template
from domain.messages.text_limits import TextLimits
from domain.safety.throttle import LIMITS, Throttle
from store.messages import text_counts
from store.people import one_time_codes
from store.people.one_time_codes import CodePurpose
from tests.api.world import Browser, World

UNKNOWN = "+4915112345678"


def test_a_right_code_signs_in(world: World, browser: Browser) -> None:
    account = world.account()
    assert browser.ask_for_code(account.phone).headers["location"] == "/sign-in/code"
    world.clock.advance(timedelta(seconds=25))
    answer = browser.post("/sign-in/code", code=f" {world.code(account)[:3]} {world.code(account)[3:]} ")
    assert answer.headers["location"] == "/setup"
    assert world.journal(account)[-1].detail == {"method": "sms", "milliseconds": 25_000}
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    "typed", ["0151 1{number}", "+49 151 1{number}", "49 151 1{number}", "person@example.org"]
)
def test_contacts_are_read_leniently(world: World, browser: Browser, typed: str) -> None:
    account = world.account(phone="+4915112345678", email="person@example.org")
    browser.client.headers["accept-language"] = "de-DE,de;q=0.9"
    browser.ask_for_code(typed.replace("{number}", "234 5678"))
    assert world.templates(account) == [Template.SIGN_IN_CODE]


def test_what_is_no_contact_is_said_at_once(world: World, browser: Browser) -> None:
    answer = browser.ask_for_code("not a number")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'value="not a number"' in answer.text


def _steps() -> list[Callable[[Browser, str], Response]]:
    return [
        lambda browser, contact: browser.ask_for_code(contact),
        lambda browser, _: browser.get("/sign-in/code"),
        lambda browser, _: browser.post("/sign-in/code", code="000000x"),
        lambda browser, _: browser.post("/sign-in/code/again"),
        lambda browser, _: browser.post("/sign-in/code", code=""),
        lambda browser, contact: browser.post("/sign-in/recovery", identifier=contact, code="abcd"),
    ]


def test_nobody_learns_who_exists(world: World) -> None:
    phone = world.account().phone or ""
    customer, unknown = world.browser(), world.browser()
    for step in _steps():
        left, right = step(customer, phone), step(unknown, UNKNOWN)
        assert left.status_code == right.status_code
        assert left.text.replace(phone, "") == right.text.replace(UNKNOWN, "")
        assert sorted(set(left.headers) - {"content-length"}) == sorted(
            set(right.headers) - {"content-length"}
        )


def test_attempts_for_an_unknown_contact_end_as_soon_as_for_a_known_one(world: World) -> None:
    account = world.account()
    for contact in (account.phone, UNKNOWN):
        browser = world.browser()
        answers = [browser.ask_for_code(contact).status_code for _ in range(6)]
        assert answers == [303] * 5 + [429]


def test_tries_for_an_unknown_contact_end_as_soon_as_for_a_known_one(world: World) -> None:
    account = world.account()
    for contact in (account.phone, UNKNOWN):
        browser = world.browser()
        browser.ask_for_code(contact)
        answers = [browser.post("/sign-in/code", code="999999x") for _ in range(8)]
        assert [answer.status_code for answer in answers] == [400] * 6 + [429] * 2
        assert answers[-1].headers["retry-after"] == "31"


def test_a_wrong_code_counts_down_to_nothing(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    right = world.code(account)
    wrong = "000000" if right != "000000" else "000001"
    assert "4 tries left" in browser.post("/sign-in/code", code=wrong).text
    for _ in range(3):
        browser.post("/sign-in/code", code=wrong)
    assert "no longer works" in browser.post("/sign-in/code", code=wrong).text
    assert browser.post("/sign-in/code", code=right).status_code == 400
    assert world.kinds(account).count("sign_in_failed") == 6


def test_an_expired_code_is_refused(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    world.clock.advance(CODE_LIFETIME)
    answer = browser.post("/sign-in/code", code=world.code(account))
    assert answer.status_code == 400
    assert "no longer works" in answer.text


def test_a_code_works_once_and_in_its_own_browser_only(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    code = world.code(account)
    thief = world.browser()
    thief.ask_for_code(UNKNOWN)
    assert thief.post("/sign-in/code", code=code).status_code == 400
    assert browser.post("/sign-in/code", code=code).status_code == 303
    browser.post("/sign-out")
    assert "no longer works" in browser.post("/sign-in/code", code=code).text
    assert world.kinds(account).count("signed_in") == 1


def test_a_new_code_voids_the_old_one(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    old = world.code(account)
    world.clock.advance(timedelta(seconds=1))
    browser.post("/sign-in/code/again")
    assert "no longer works" in browser.get("/sign-in/code?sent=again").text
    new = world.code(account)
    if new != old:
        assert browser.post("/sign-in/code", code=old).status_code == 400
    assert browser.post("/sign-in/code", code=new).status_code == 303


def test_a_code_is_kept_sealed_and_as_a_digest_only(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    code = world.code(account)
    with world.database.reading() as session:
        kept = one_time_codes.latest(session, browser.session_id(), CodePurpose.SIGN_IN)
    assert kept
    assert code not in repr(kept)
    assert (account.phone or "") not in repr(kept)


def test_a_right_code_of_before_the_suspension_is_refused_with_a_helpful_page(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    code = world.code(account)
    world.set_sms(account, SmsState.SUSPENDED)
    answer = browser.post("/sign-in/code", code=code)
    assert answer.status_code == 403
    assert "Text codes are switched off" in answer.text
    assert "switch codes by text message on again" in answer.text
    assert "/sign-in/recovery" in answer.text
    assert browser.get("/account").headers["location"] == "/sign-in"
    assert world.journal(account)[-1].detail == {"method": "sms", "reason": "sms_suspended"}


def test_while_sms_is_suspended_a_wrong_code_looks_like_any_other(world: World, browser: Browser) -> None:
    account = world.account()
    world.set_sms(account, SmsState.SUSPENDED)
    browser.ask_for_code(account.phone)
    assert browser.post("/sign-in/code", code="1").status_code == 400


@pytest.mark.parametrize("state", [SmsState.SUSPENDED, SmsState.REMOVED])
def test_no_code_is_sent_while_text_codes_are_off_and_an_e_mail_says_how_to_sign_in(
    world: World, browser: Browser, state: SmsState
) -> None:
    account = world.account()
    world.set_sms(account, state)
    assert browser.ask_for_code(account.phone).headers["location"] == "/sign-in/code"
    assert world.templates(account) == [Template.SMS_ASKED_FOR]


def test_logs_name_accounts_and_never_contacts_or_codes(world: World, browser: Browser) -> None:
    account = world.account()
    with capture_logs() as logged:
        browser.ask_for_code(account.phone)
        browser.post("/sign-in/code", code="1")
        browser.post("/sign-in/code", code=world.code(account))
        browser.verify_email(account)
    words = repr(logged)
    assert {"sign_in_code_asked", "sign_in_failed", "signed_in"} <= {line["event"] for line in logged}
    for secret in (account.phone, account.email, world.code(account)):
        assert (secret or "?") not in words


def test_shared_contacts_sign_in_nobody(world: World, browser: Browser) -> None:
    account, other = world.account(phone=UNKNOWN), world.account(phone=UNKNOWN)
    browser.ask_for_code(UNKNOWN)
    assert world.templates(account) == world.templates(other) == []


def test_signing_in_changes_the_session_and_ends_the_one_before(world: World, browser: Browser) -> None:
    account = world.account()
    browser.ask_for_code(account.phone)
    before = browser.cookie()
    browser.post("/sign-in/code", code=world.code(account))
    assert browser.cookie() != before
    thief = world.browser()
    thief.client.cookies.set("__Host-offramp", before, domain="accounts.example.test", path="/")
    assert thief.get("/account").headers["location"] == "/sign-in"


def test_signing_in_is_remembered_as_the_last_sign_in(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert world.reload(account.account_id).last_sign_in_at == world.clock()


def test_a_session_ends_after_its_lifetime(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    world.clock.advance(timedelta(hours=12))
    assert browser.get("/account").headers["location"] == "/sign-in"
    assert browser.send("/passkeys/options").status_code == 401


def test_signing_out_ends_the_session(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    token = browser.cookie()
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    browser.client.cookies.set("__Host-offramp", token, domain="accounts.example.test", path="/")
    assert browser.get("/account").headers["location"] == "/sign-in"
    assert world.kinds(account)[-1] == "signed_out"


def test_the_front_door_knows_whether_one_is_signed_in(world: World, browser: Browser) -> None:
    assert browser.get("/").headers["location"] == "/sign-in"
    browser.sign_in_by_code(world.account())
    assert browser.get("/").headers["location"] == "/account"
    assert browser.get("/sign-in").headers["location"] == "/account"


def test_codes_are_throttled_by_address_with_a_clear_answer(world: World) -> None:
    browser = world.browser(address="203.0.113.99")
    for number in range(LIMITS[Throttle.CODES_PER_ADDRESS].most):
        browser.ask_for_code(f"+4915123456{number:03d}")
    answer = browser.ask_for_code("+4915123456999")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 31
    assert "wait a minute" in answer.text
    assert "/sign-in/recovery" in answer.text
    assert world.browser(address="203.0.113.98").ask_for_code("+4915123456799").status_code == 303


def test_a_number_that_is_never_texted_is_told_so_calmly_whether_or_not_an_account_has_it(
    world: World, browser: Browser
) -> None:
    account = world.account(phone="+499001234567")
    answers = [browser.post("/sign-in", identifier=typed) for typed in (account.phone or "", "+499001234568")]
    for answer in answers:
        assert answer.status_code == 400
        assert "We cannot send text messages to this number" in answer.text
    assert world.templates(account) == []
    assert browser.post("/sign-in", identifier=account.email or "").status_code == 303


def test_only_countries_that_are_served_are_texted(world: World) -> None:
    served = replace(world, services=replace(world.services, sms_countries=frozenset({"AT"})))
    answer = served.browser().post("/sign-in", identifier=served.account().phone or "")
    assert "We cannot send text messages to this number" in answer.text


def test_when_a_country_has_had_its_texts_for_today_nobody_learns_who_has_an_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = TextLimits(by_country={"DE": 1}, country_of=lambda phone: "DE")
    monkeypatch.setitem(world.database.notes, text_counts.LIMITS, limits)
    first, second = world.account(), world.account()
    answers = [
        world.browser().post("/sign-in", identifier=typed or "").status_code
        for typed in (first.phone, second.phone, "+4915799999999", second.email)
    ]
    assert answers == [303, 429, 429, 303]
    assert (len(world.templates(first)), len(world.templates(second))) == (1, 0)


def test_whoever_signs_in_once_more_ends_the_session_that_this_browser_had(
    world: World, browser: Browser
) -> None:
    browser.sign_in_by_code(world.account())
    before = browser.cookie()
    browser.sign_in_by_code(world.account())
    assert browser.cookie() != before
    elsewhere = world.browser()
    elsewhere.client.cookies.set("__Host-offramp", before, domain="accounts.example.test", path="/")
    assert elsewhere.get("/account").headers["location"] == "/sign-in"
