"""Whoever types their address in another spelling is the same person at every door, and nobody is alarmed by it."""

import pytest

from domain.journal import EventKind
from domain.messages.messages import Template
from services.people import claimants
from services.people.contacts import read_contact
from store.messages import messages
from store.people.accounts import Account
from tests.api.world import Browser, World

SPELLED = "Ada.Lovelace@example.com"
SPELLINGS = [
    "ada.lovelace@example.com",
    "ADA.LOVELACE@EXAMPLE.COM",
    " mailto:Ada.Lovelace@Example.com ",
    "Ada Lovelace <ada.lovelace@example.com>",
    "ａｄａ．ｌｏｖｅｌａｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "ada.lovelace@example.com.",
]


@pytest.fixture
def ada(world: World) -> Account:
    return world.account(email=SPELLED, host_email=SPELLED)


def recipients(world: World, account: Account, template: Template) -> list[str]:
    with world.database.reading() as session:
        return [
            message.recipient
            for message in messages.of_account(session, account.account_id)
            if message.template == template
        ]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_person_who_types_another_spelling_gets_a_code_and_comes_in(
    world: World, browser: Browser, ada: Account, typed: str
) -> None:
    browser.ask_for_code(typed)
    assert browser.post("/sign-in/code", code=world.code(ada)).headers["location"] == "/setup"


@pytest.mark.parametrize("typed", SPELLINGS)
def test_verifying_in_another_spelling_alarms_nobody_and_keeps_the_spelling(
    world: World, browser: Browser, ada: Account, typed: str
) -> None:
    browser.sign_in_by_code(ada)
    browser.post("/setup/email", email=typed)
    assert SPELLED in browser.get("/setup/email/code").text
    browser.post("/setup/email/code", code=world.secret(ada, Template.VERIFY_EMAIL)["code"])
    now = world.reload(ada.account_id)
    assert (now.email, now.email_verified_at) == (SPELLED, world.clock())
    assert set(world.templates(ada)) == {Template.SIGN_IN_CODE, Template.VERIFY_EMAIL}
    assert recipients(world, ada, Template.VERIFY_EMAIL) == [SPELLED]


def test_the_verified_address_in_another_spelling_is_no_change(
    world: World, browser: Browser, ada: Account
) -> None:
    browser.sign_in_by_code(ada)
    browser.verify_email(ada)
    answer = browser.post("/account/email", email=SPELLINGS[0])
    assert answer.headers["location"] != "/account/email/code"
    assert recipients(world, ada, Template.VERIFY_EMAIL) == [SPELLED]
    assert world.kinds(ada).count(EventKind.EMAIL_VERIFIED) == 1


def test_the_link_to_an_address_goes_to_the_spelling_on_record(
    world: World, browser: Browser, ada: Account
) -> None:
    browser.post("/sign-in/link", identifier=SPELLINGS[0])
    assert recipients(world, ada, Template.SIGN_IN_LINK) == [SPELLED]


def test_guesses_at_one_address_count_together_whether_somebody_has_it_or_not(world: World) -> None:
    for address in (SPELLED, "Nobody.At.All@example.com"):
        subjects = {
            claimants.of_contact(world.services, read_contact(spelling, None)).subject
            for spelling in (address, address.lower(), address.upper())
        }
        assert len(subjects) == 1


def test_two_accounts_with_one_address_in_two_spellings_are_led_to_by_neither(
    world: World, browser: Browser, ada: Account
) -> None:
    other = world.account(email=SPELLED.lower())
    browser.ask_for_code(SPELLED)
    browser.ask_for_code(SPELLED.lower())
    assert world.templates(ada) == world.templates(other) == []
