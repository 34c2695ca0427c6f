"""What is typed in a thief's browser counts with strangers' guesses again, when support has said whose visit it was."""

from datetime import timedelta

import pytest

from domain.codes import digest
from domain.facts import Channel
from domain.messages.links import objection_token
from domain.messages.messages import Template
from domain.presets import STANDARD
from domain.safety.guessing import KNOWN_FOR
from domain.safety.objections import Outcome
from providers.software_authenticator import Authenticator
from services.safety import deadlines, objections
from store import Database, housekeeping
from store.messages import messages
from store.people import known_browsers, sessions
from store.people.accounts import Account
from store.people.known_browsers import Stem
from store.safety import objections as kept_objections
from tests.api.world import Browser, World, shown_codes
from tests.clocks import START
from tests.factories import make_account, send_everything

MOMENT = timedelta(minutes=1)


@pytest.fixture
def account(world: World, browser: Browser, phone: Authenticator) -> Account:
    """Somebody whose passkey is established, and who has signed in by it at their own browser."""
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())
    world.clock.advance(STANDARD.cooling_off + MOMENT)
    browser.sign_in_by_passkey(phone)
    world.clock.advance(MOMENT)
    return account


@pytest.fixture
def thief(world: World, account: Account) -> Browser:
    """Somebody with the SIM."""
    thief = world.browser("198.51.100.9")
    thief.sign_in_by_code(account)
    return thief


def is_known(world: World, browser: Browser, account: Account) -> bool:
    token = next(value for name, value in browser.client.cookies.items() if name.endswith("offramp-browser"))
    with world.database.reading() as session:
        return known_browsers.is_known(session, digest(token), account.account_id, now=world.clock())


def object_to(world: World, account: Account, template: Template) -> str:
    """The owner presses the button in the newest letter of a kind; returns the objection's id."""
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id)
        key = next(row.key for row in sent if (row.template, row.channel) == (template, Channel.EMAIL))
    world.browser().post(f"/not-me/{objection_token(world.services.seal, key)}")
    with world.database.reading() as session:
        return kept_objections.of_account(session, account.account_id)[0].objection_id


def settle(world: World, objection_id: str, outcome: Outcome) -> None:
    with world.database.transaction() as session:
        objections.settle(
            session, objection_id, outcome=outcome, by="sam", reason="they called", at=world.clock()
        )


def test_a_thiefs_browser_is_a_strangers_again_when_the_objection_is_upheld(
    world: World, account: Account, browser: Browser, thief: Browser
) -> None:
    assert is_known(world, thief, account)
    settle(world, object_to(world, account, Template.SMS_SIGNED_IN), Outcome.UPHELD)
    assert not is_known(world, thief, account)
    assert is_known(world, browser, account)


def test_a_browser_stays_known_when_it_was_the_owner_after_all(
    world: World, account: Account, thief: Browser
) -> None:
    settle(world, object_to(world, account, Template.SMS_SIGNED_IN), Outcome.DISMISSED)
    assert is_known(world, thief, account)


def test_browsers_where_a_thiefs_passkey_signed_in_are_forgotten_even_after_its_sessions_are_cleared_away(
    world: World, account: Account, thief: Browser
) -> None:
    own, elsewhere = world.authenticator(), world.browser("198.51.100.10")
    thief.make_passkey(own)
    elsewhere.sign_in_by_passkey(own)
    world.clock.advance(timedelta(days=2))
    with world.database.transaction() as session:
        assert housekeeping.clear(session, now=world.clock())
        assert sessions.look_up(session, elsewhere.session_id()) is None
    settle(world, object_to(world, account, Template.PASSKEY_BOUND), Outcome.UPHELD)
    assert not is_known(world, elsewhere, account)
    assert not is_known(world, thief, account)


def test_browsers_where_stolen_codes_signed_in_are_forgotten(
    world: World, account: Account, browser: Browser
) -> None:
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/setup/recovery-codes/check", code=codes[0])
    first, second = world.browser("198.51.100.9"), world.browser("198.51.100.10")
    for thief, code in ((first, codes[1]), (second, codes[2])):
        thief.post("/sign-in/recovery", identifier=account.phone or "", code=code)
    settle(world, object_to(world, account, Template.RECOVERY_CODE_USED), Outcome.UPHELD)
    assert not is_known(world, first, account)
    assert not is_known(world, second, account)
    assert is_known(world, browser, account)


def test_a_dispute_that_nobody_decides_forgets_the_browser_of_the_visit_too(
    world: World, account: Account, thief: Browser
) -> None:
    object_to(world, account, Template.SMS_SIGNED_IN)
    world.clock.advance(timedelta(days=15))
    deadlines.settle_overdue(world.database, now=world.clock())
    assert not is_known(world, thief, account)


def test_a_browser_that_the_owner_had_used_before_stays_the_owners(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        for session_id in ("the owner's", "the thief's"):
            known_browsers.remember(
                session, "browser", account_id, at=START, stem=Stem(session_id=session_id, passkey_id="p")
            )
        forget = known_browsers.forget
        forget(
            session, account_id, session_ids={"the thief's"}, passkey_ids=set(), set_ids=set(), app_ids=set()
        )
        assert known_browsers.is_known(session, "browser", account_id, now=START)
        later = START + KNOWN_FOR
        known_browsers.remember(session, "browser", account_id, at=later, stem=Stem(session_id="the thief's"))
        forget(
            session, account_id, session_ids={"the thief's"}, passkey_ids=set(), set_ids=set(), app_ids=set()
        )
        assert not known_browsers.is_known(session, "browser", account_id, now=later)
