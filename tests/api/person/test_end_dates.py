"""After the end date, a text-message code opens the set-up and nothing else: one passkey, and then in."""

from datetime import timedelta
from typing import Any

import pytest

from domain.desk.acts import Rest
from domain.facts import Method
from domain.messages.messages import Template
from domain.rollouts.rollout import FROZEN, Stage, Standing
from domain.rollouts.slices import Dimension
from domain.safety.end_dates import EndDate
from domain.switches import Switch
from providers.software_authenticator import Authenticator
from store.people.accounts import Account
from store.rollouts import cohorts
from tests.api.world import Browser, World
from tests.clocks import START
from tests.factories import keep_cohort, make_member, make_passkey, make_policy
from tests.switches import stop

DAY = timedelta(days=1)
END = START + 30 * DAY
POLICY = make_policy(end=EndDate(at=END))
ONLY_SET_UP = "/device/passkey"
TOLD: dict[str, Any] = {"told_end_at": END, "told_end_since": START}


@pytest.fixture
def account(world: World) -> Account:
    """Somebody who has never come before the end date."""
    account = world.account(POLICY, **TOLD)
    world.clock.advance(30 * DAY)
    return account


def door(browser: Browser, account: Account) -> str:
    return browser.sign_in_by_code(account).headers["location"]


def test_until_the_end_date_codes_work_as_before(world: World, browser: Browser) -> None:
    account = world.account(POLICY, **TOLD)
    world.clock.advance(30 * DAY - timedelta(minutes=1))
    assert door(browser, account) == "/setup"
    assert browser.get("/account").status_code == 200


def test_whoever_comes_by_a_code_then_makes_one_passkey_and_is_in(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    assert door(browser, account) == ONLY_SET_UP
    assert world.journal(account)[-1].detail["method"] == Method.SMS_AFTER_END
    assert "no longer sign you in" in browser.get(ONLY_SET_UP).text
    assert browser.make_passkey(phone).json() == {"next": "/device/prove"}
    assert browser.prove_passkey().json()["next"] == "/setup"
    assert browser.get("/account").status_code == 200
    assert world.browser().sign_in_by_passkey(phone).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/account", "/setup", "/setup/recovery-codes", "/setup/cannot", "/setup/second", "/account/email"],
)
def test_nothing_else_opens(browser: Browser, account: Account, path: str) -> None:
    door(browser, account)
    assert browser.get(path).status_code in (403, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/setup/recovery-codes",
        "/setup/device",
        "/setup/email",
        "/account/email",
        "/account/sms/restore",
        "/account/sign-out-others",
    ],
)
def test_whoever_holds_the_sim_changes_nothing(
    world: World, browser: Browser, account: Account, path: str
) -> None:
    door(browser, account)
    before = world.kinds(account)
    assert browser.post(path, email="thief@example.org").status_code in (403, 404)
    assert world.kinds(account) == before


def test_only_one_passkey_is_made_by_one_code(
    browser: Browser, account: Account, phone: Authenticator
) -> None:
    door(browser, account)
    browser.make_passkey(phone)
    assert browser.send("/passkeys/options").status_code == 403


def test_the_owner_of_a_passkey_hears_of_it_and_what_is_made_stays_provisional(
    world: World, browser: Browser, account: Account, phone: Authenticator
) -> None:
    with world.database.transaction() as session:
        make_passkey(session, account.account_id, credential_id="bm9ib2R5cw")
    assert door(browser, account) == ONLY_SET_UP
    browser.make_passkey(phone)
    assert {Template.SMS_SIGNED_IN, Template.PASSKEY_BOUND} <= set(world.templates(account))
    browser.prove_passkey()
    assert browser.post("/account/sms/restore").status_code == 403


def test_whoever_is_exempt_signs_in_by_a_code_until_the_exemption_ends(world: World) -> None:
    until = END + 10 * DAY
    told = {"told_end_at": until, "told_end_since": START}
    account = world.account(POLICY, rest=Rest.NO_CAPABLE_DEVICE, rests_until=until, **told)
    world.clock.advance(39 * DAY)
    assert door(world.browser(), account) == "/account"
    world.clock.advance(DAY)
    assert door(world.browser(), account) == ONLY_SET_UP


@pytest.mark.parametrize("stage", Stage)
def test_while_a_cohort_stands_still_its_end_date_does_not_strike(
    world: World, browser: Browser, account: Account, stage: Stage
) -> None:
    with world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, account.account_id)
        cohorts.stand(session, cohort_id, Standing(stage=stage, version=2))
    assert (door(browser, account) == ONLY_SET_UP) is (stage not in FROZEN)


def test_while_retiring_is_stopped_for_everybody_no_end_date_strikes(
    world: World, browser: Browser, account: Account
) -> None:
    stop(world.database, Switch.RETIRING)
    assert door(browser, account) == "/setup"
    assert browser.get("/account").status_code == 200


def test_while_prompts_are_stopped_an_end_date_still_leads_to_the_set_up_unless_retiring_is_stopped_too(
    world: World, browser: Browser, account: Account
) -> None:
    stop(world.database, Switch.PROMPTS)
    assert door(browser, account) == ONLY_SET_UP
    stop(world.database, Switch.RETIRING)
    assert door(world.browser(), account) == "/account"


def test_while_retiring_is_stopped_for_a_country_no_end_date_strikes_there(
    world: World, browser: Browser
) -> None:
    german = world.account(POLICY, country="DE", **TOLD)
    french = world.account(POLICY, country="FR", **TOLD)
    world.clock.advance(30 * DAY)
    stop(world.database, Switch.RETIRING, Dimension.COUNTRY, "DE")
    assert door(browser, german) == "/setup"
    assert door(world.browser(), french) == ONLY_SET_UP


def test_whoever_was_not_launched_has_no_end_date(world: World, browser: Browser) -> None:
    account = world.account(policy=None)
    with world.database.transaction() as session:
        make_member(session, keep_cohort(session), account.account_id, held_out=True)
    world.clock.advance(365 * DAY)
    assert door(browser, account) == "/account"


def test_whoever_was_not_told_signs_in_by_codes_as_before(world: World, browser: Browser) -> None:
    account = world.account(POLICY)
    world.clock.advance(365 * DAY)
    assert door(browser, account) == "/setup"
    assert browser.get("/account").status_code == 200


def test_recovery_and_other_ways_in_stay_open(browser: Browser, account: Account) -> None:
    door(browser, account)
    page = browser.get(ONLY_SET_UP).text
    assert 'href="/sign-in/more"' in page
    assert 'href="/sign-in"' in page
    assert browser.get("/sign-in/more").status_code == 200
    assert browser.get("/sign-in").status_code == 200
    assert browser.get("/recover").status_code in (200, 303)


def test_the_pages_say_the_end_date_from_the_first(world: World, browser: Browser) -> None:
    account = world.account(POLICY)
    browser.sign_in_by_code(account)
    day = f"From {END.day} {END:%B %Y}, "
    assert day in browser.get("/setup/email").text
    assert day in browser.get("/account").text
    without = world.browser()
    other = world.account()
    without.sign_in_by_code(other)
    assert "opens this set-up" not in without.get("/setup/email").text
