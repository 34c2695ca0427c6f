"""The guided set-up, the whole way by HTTP."""

from datetime import timedelta
from html import unescape

import pytest

from domain.journey import JourneyOutcome
from domain.messages.messages import CODE_LIFETIME, Template
from domain.passkeys import CeremonyFailure
from domain.presets import FIRM, STANDARD
from domain.prompts import CANNOT_NOW_PAUSE
from domain.rollouts.guardrails import Metric
from domain.rollouts.slices import Dimension, Slice
from domain.switches import Switch
from domain.words.failure_words import FAILURES
from providers.software_authenticator import Authenticator
from services.people.helping import LATELY
from store.journeys import journeys
from store.people import accounts
from store.rollouts import slice_holds
from tests.api.world import Browser, World, shown_codes
from tests.factories import keep_cohort, make_member
from tests.switches import stop


def test_the_whole_set_up_from_the_first_code_to_the_last_page(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account(policy=FIRM)
    assert browser.sign_in_by_code(account).headers["location"] == "/setup"
    assert browser.get("/setup").headers["location"] == "/setup/email"
    assert browser.verify_email(account).headers["location"] == "/setup"
    assert browser.get("/setup").headers["location"] == "/setup/passkey"
    assert browser.make_passkey(phone).json() == {"next": "/setup/prove"}
    assert browser.get("/setup").headers["location"] == "/setup/prove"
    assert browser.prove_passkey().json() == {"next": "/setup"}
    assert browser.get("/setup").headers["location"] == "/setup/second"
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    assert browser.post("/setup/recovery-codes/check", code=codes[3]).headers["location"] == "/setup"
    assert browser.get("/setup").headers["location"] == "/setup/done"
    assert (
        "You&#39;re all set" in browser.get("/setup/done").text
        or "all set" in browser.get("/setup/done").text
    )
    facts = world.facts(account)
    assert (facts.passkeys, facts.proven_passkeys, facts.recovery_codes_proven) == (1, 1, True)
    assert facts.passkey_rooted_in_sms_at == world.clock.now
    assert Template.PASSKEY_BOUND in world.templates(account)


@pytest.mark.parametrize(
    ("path", "step"),
    [("/setup/email", 1), ("/setup/passkey", 2), ("/setup/second", 4)],
)
def test_every_step_says_where_one_is(world: World, browser: Browser, path: str, step: int) -> None:
    browser.sign_in_by_code(world.account())
    assert f"Step {step} of 4" in browser.get(path).text


def test_a_second_day_is_asked_for_and_the_person_is_sent_on_today(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account(policy=STANDARD, email_verified_at=world.clock())
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0].upper().replace("-", " "))
    assert browser.get("/setup").headers["location"] == "/setup/done"
    assert "another day" in browser.get("/setup/done").text
    assert browser.get("/account").status_code == 200
    world.clock.advance(timedelta(days=1))
    assert world.browser().sign_in_by_passkey(phone).json() == {"next": "/account"}
    assert world.facts(account).passkey_days == 2


def test_a_day_is_counted_by_the_persons_own_calendar(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account(time_zone="Pacific/Auckland")
    world.clock.set(world.clock().replace(hour=10))  # 23:00 in Auckland
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    world.clock.advance(timedelta(hours=2))  # past midnight there, the same day in UTC
    browser.prove_passkey()
    assert world.facts(account).passkey_days == 2


def test_an_account_without_a_journey_may_set_itself_up_and_is_not_asked_at_sign_in(
    world: World, browser: Browser
) -> None:
    account = world.account(policy=None)
    assert browser.sign_in_by_code(account).headers["location"] == "/account"
    assert browser.get("/setup").headers["location"] == "/setup/email"
    assert "Remind me later" not in browser.get("/setup/email").text


def test_remind_me_later_counts_down_and_is_heeded_at_the_next_sign_in(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert "5 times left" in browser.get("/setup/email").text
    assert browser.post("/setup/later").headers["location"] == "/account"
    assert "4 times left" in browser.get("/setup/email").text
    assert world.browser().sign_in_by_code(account).headers["location"] == "/account"
    world.clock.advance(STANDARD.snooze)
    assert world.browser().sign_in_by_code(account).headers["location"] == "/setup"


def test_when_later_is_used_up_there_is_still_a_way_out(world: World, browser: Browser) -> None:
    account = world.account(skips_used=5)
    browser.sign_in_by_code(account)
    page = browser.get("/setup/email").text
    assert "Remind me later" not in page
    assert "I can't do this now" in page
    assert browser.post("/setup/later").headers["location"] == "/setup/cannot"
    assert browser.post("/setup/cannot", reason="no_time").headers["location"] == "/account"
    assert world.reload(account.account_id).cannot_reason == "no_time"
    assert world.kinds(account)[-1] == "cannot_now"
    world.clock.advance(timedelta(days=13))
    assert world.browser().sign_in_by_code(account).headers["location"] == "/account"


def test_the_account_page_believes_the_answer_until_the_day_that_it_names(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert "Next: confirm your e-mail address." in browser.get("/account").text
    browser.post("/setup/cannot", reason="no_time")
    page = browser.get("/account").text
    day = world.clock() + CANNOT_NOW_PAUSE
    assert f"ask again on {day:%-d %B}" in page
    assert "Text codes keep working." in page
    assert "Next: confirm your e-mail address." not in page
    assert 'class="button" href="/setup"' not in page
    world.clock.advance(CANNOT_NOW_PAUSE)
    browser.sign_in_by_code(account)
    assert "Next: confirm your e-mail address." in browser.get("/account").text


def test_whoever_goes_on_all_the_same_is_shown_the_next_step(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/cannot", reason="shared_device")
    assert "Nothing to do for now" in browser.get("/account").text
    browser.make_passkey(phone)
    page = browser.get("/account").text
    assert "Nothing to do for now" not in page
    assert "Finish setting up" in page


def test_without_a_number_no_codes_are_said_to_keep_working(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    browser.post("/setup/cannot", reason="no_device")
    assert "Text codes keep working" in browser.get("/setup/help").text
    with world.database.transaction() as session:
        kept = accounts.lock(session, account.account_id)
        kept.phone = None
        session.add(kept)
    assert "Text codes keep working" not in browser.get("/setup/help").text


def test_a_confirmed_address_is_in_nobodys_way(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.post("/setup/cannot", reason="no_email")
    assert "Your address is confirmed" in browser.get("/setup/help").text


def test_a_failure_of_long_ago_is_not_what_did_not_work(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    browser.send("/ceremony/failed", {"ceremony": "registration", "name": "ConstraintError"})
    world.clock.advance(LATELY)
    browser.post("/setup/cannot", reason="did_not_work")
    assert "has not told us what it was" in browser.get("/setup/help").text


def test_somebody_whom_nobody_asks_may_begin_as_ever(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.post("/setup/cannot", reason="no_time")
    with world.database.transaction() as session:
        journeys.end(session, account.account_id, JourneyOutcome.MIGRATED, at=world.clock())
    assert 'class="button" href="/setup"' in browser.get("/account").text


@pytest.mark.parametrize(
    ("reason", "helps"),
    [
        ("no_device", 'data-hints="security-key"'),
        ("shared_device", 'action="/setup/device"'),
        ("did_not_work", "has not told us what it was"),
        ("no_email", "Without an e-mail address we switch nothing off"),
    ],
)
def test_a_reason_leads_to_what_helps(world: World, browser: Browser, reason: str, helps: str) -> None:
    browser.sign_in_by_code(world.account())
    assert browser.post("/setup/cannot", reason=reason).headers["location"] == "/setup/help"
    page = browser.get("/setup/help").text
    assert helps in page
    assert "ask again on" in page
    assert 'href="/account"' in page


@pytest.mark.parametrize("failure", CeremonyFailure)
def test_what_did_not_work_is_said_in_words(world: World, browser: Browser, failure: CeremonyFailure) -> None:
    browser.sign_in_by_code(world.account())
    browser.send("/ceremony/failed", {"ceremony": "registration", "name": failure})
    browser.post("/setup/cannot", reason="did_not_work")
    assert FAILURES[failure] in unescape(browser.get("/setup/help").text)


def test_whoever_gave_no_reason_that_can_be_helped_goes_on(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    assert browser.get("/setup/help").headers["location"] == "/setup"
    browser.post("/setup/cannot", reason="other")
    assert browser.get("/setup/help").headers["location"] == "/setup"


def test_a_reason_that_is_none_is_refused(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert browser.post("/setup/cannot", reason="because").status_code == 400
    assert world.reload(account.account_id).cannot_reason is None


def test_exposure_begins_on_a_device_that_can_and_only_once(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert browser.send("/setup/seen", {"capable": False}).status_code == 204
    assert world.reload(account.account_id).exposed_at is None
    first = world.clock()
    browser.send("/setup/seen", {"capable": True})
    world.clock.advance(timedelta(hours=1))
    browser.send("/setup/seen", {"capable": True})
    assert world.reload(account.account_id).exposed_at == first
    seen = [entry.detail for entry in world.journal(account) if entry.kind == "prompt_seen"]
    assert [detail["capable"] for detail in seen] == [False, True]
    assert all(detail["platform"] for detail in seen)


def test_the_prompt_is_kept_from_a_held_slice_and_nobody_who_asks_is_kept_from_a_passkey(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, account.account_id)
        held = Slice(by=Dimension.PLATFORM, value="ios")
        slice_holds.begin(
            session, cohort_id, held, Metric.PROMPT_FAILURES, low=0.5, size=30, at=world.clock()
        )
    assert browser.sign_in_by_code(account).headers["location"] == "/account"
    assert browser.get("/setup/passkey").status_code == 200
    assert browser.make_passkey(phone).status_code == 200


def test_while_prompts_are_stopped_nobody_is_asked_and_nobody_who_asks_is_kept_from_a_passkey(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    stop(world.database, Switch.PROMPTS)
    assert browser.sign_in_by_code(account).headers["location"] == "/account"
    assert browser.get("/setup/passkey").status_code == 200
    assert browser.make_passkey(phone).status_code == 200


def test_a_failed_ceremony_is_written_down_and_costs_nobody_the_session(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.send("/ceremony/failed", {"ceremony": "registration", "name": "NotAllowedError"})
    browser.send("/ceremony/failed", {"ceremony": "registration", "name": "<script>"})
    names = [entry.detail["name"] for entry in world.journal(account) if entry.kind == "ceremony_failed"]
    assert names == ["NotAllowedError", "other"]
    assert world.journal(account)[-1].detail["platform"] == "iPhone"
    assert browser.get("/account").status_code == 200


def test_only_second_ways_that_count_are_offered(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account())
    page = browser.get("/setup/second").text
    assert "Another phone or computer" in page
    assert "Recovery codes" in page


def test_steps_follow_the_milestones_in_any_order(world: World, browser: Browser) -> None:
    browser.sign_in_by_code(world.account(email_verified_at=world.clock()))
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    assert browser.get("/setup").headers["location"] == "/setup/passkey"


def test_while_a_mailed_code_can_be_typed_the_set_up_leads_to_its_field(
    world: World, browser: Browser
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    assert browser.get("/setup").headers["location"] == "/setup/email"
    browser.post("/setup/email", email=account.email or "")
    assert browser.get("/setup").headers["location"] == "/setup/email/code"
    assert browser.get("/setup/email").status_code == 200  # another address can be given all the same
    world.clock.advance(CODE_LIFETIME)
    assert browser.get("/setup").headers["location"] == "/setup/email"
