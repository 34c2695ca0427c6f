"""The account page, and what can be switched there."""

from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.rollouts.rollout import Stage, Standing
from providers.software_authenticator import Authenticator
from store.journeys import sms
from store.people.accounts import Account
from store.rollouts import cohorts
from tests.api.world import Browser, World
from tests.factories import keep_cohort, make_member, send_everything


def test_the_page_is_for_those_who_signed_in(browser: Browser) -> None:
    assert browser.get("/account").headers["location"] == "/sign-in"


def test_contacts_are_masked(world: World, browser: Browser) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    page = browser.get("/account").text
    assert (account.phone or "?") not in page
    assert (account.email or "?") not in page
    assert "•••@example.org" in page


@pytest.mark.parametrize("state", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_text_codes_come_back_at_once(
    world: World, browser: Browser, phone: Authenticator, state: SmsState
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.make_passkey(phone)
    browser.prove_passkey()
    world.set_sms(account, state)
    other = world.browser()
    other.sign_in_by_passkey(phone)
    assert "/account/sms/restore" in other.get("/account").text
    assert other.post("/account/sms/restore").headers["location"] == "/account?done=restored"
    restored = world.reload(account.account_id)
    assert (restored.sms, restored.restored_at) == (SmsState.ON, world.clock.now)
    assert world.journal(account)[-1].actor == "person"
    told = Template.SMS_KEPT if state is SmsState.NOTICE else Template.SMS_RESTORED
    assert told in world.templates(account)
    assert world.browser().sign_in_by_code(account).status_code == 303


def test_what_is_gone_for_good_does_not_come_back(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    world.set_sms(account, SmsState.REMOVED)
    assert "/account/sms/restore" not in browser.get("/account").text
    assert browser.post("/account/sms/restore").status_code == 409
    assert world.reload(account.account_id).sms == SmsState.REMOVED


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SmsState.ON, "To •••• "),
        (SmsState.NOTICE, "They stay on for now."),
        (SmsState.SUSPENDED, "You can switch them on again"),
        (SmsState.REMOVED, "Switched off for good"),
    ],
)
def test_what_is_on_and_off_is_said_in_words(
    world: World, browser: Browser, state: SmsState, words: str
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    world.set_sms(account, state)
    assert words in browser.get("/account").text


def test_the_date_of_the_switch_off_is_shown_in_the_persons_time_zone(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.ready_account(time_zone="Pacific/Auckland")
    browser.sign_in_by_code(account)
    world.set_sms(account, SmsState.NOTICE)
    assert "switched off on 10 March 2026" in browser.get("/account").text


def test_no_day_is_named_that_may_not_come_while_the_cohort_is_paused(world: World, browser: Browser) -> None:
    account = world.ready_account()
    with world.database.transaction() as session:
        sms.give_notice(session, account.account_id, STANDARD, at=world.clock.now)
        send_everything(session, account.account_id, at=world.clock.now)
    browser.sign_in_by_code(account)
    assert "They will be switched off on 9 March 2026" in browser.get("/account").text
    pause_cohort_of(world, account)
    assert "They will not be switched off before 9 March 2026" in browser.get("/account").text
    world.clock.now += timedelta(days=8)
    later = world.browser()
    later.sign_in_by_code(account)
    assert "They stay on for now." in later.get("/account").text


def test_codes_can_be_switched_on_again_for_longer_while_the_cohort_is_paused(
    world: World, browser: Browser
) -> None:
    account = world.ready_account()
    browser.sign_in_by_code(account)
    world.set_sms(account, SmsState.SUSPENDED)
    assert "You can switch them on again until" in browser.get("/account").text
    pause_cohort_of(world, account)
    assert "You can switch them on again, at least until" in browser.get("/account").text


def pause_cohort_of(world: World, account: Account) -> None:
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, account.account_id)
        cohorts.stand(session, cohort_id, Standing(stage=Stage.PAUSED, version=2))


def test_signing_out_everywhere_ends_all_sessions(world: World, browser: Browser) -> None:
    account = world.account()
    other = world.browser()
    other.sign_in_by_code(account)
    browser.sign_in_by_code(account)
    assert browser.post("/account/sign-out-everywhere").headers["location"] == "/sign-in"
    for each in (browser, other):
        assert each.get("/account").headers["location"] == "/sign-in"
    assert world.kinds(account)[-1] == "signed_out"
