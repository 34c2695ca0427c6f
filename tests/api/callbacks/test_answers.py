"""STOP closes text messages as a way in, and START opens them again: as Twilio tells it, and as people see it."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from sqlmodel import select

from domain.errors import LastRoute
from domain.facts import Channel, SmsState
from domain.journal import Actor
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.safety.routes import Route, proven_routes
from providers.twilio_statuses import TwilioStatuses
from services.people.door_notes import write_up
from store import Database, invariants
from store.invariants import Invariant
from store.journeys import sms
from store.messages import contact_faults, fates, messages
from store.people import passkeys
from store.people.accounts import Account
from store.people.recovery_codes import RecoveryCode
from store.safety import passkey_removal
from tests.api.callbacks.test_callbacks import TOKEN, client, send, tell_status, with_providers
from tests.api.world import ORIGIN, World, make_world
from tests.clocks import FakeClock
from tests.providers.standins.callbacks import twilio_signature
from tests.unguarded import unguarded

INCOMING = "/callbacks/twilio/incoming"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """Offramp with both providers."""
    return with_providers(make_world(database, clock))


@pytest.fixture
def account(world: World) -> Account:
    """Somebody with a passkey that has signed in, and with text messages."""
    return world.ready_account()


def answer(world: World, phone: str | None, body: str = "Hello", **fields: str) -> Response:
    """Somebody texts to the number that our texts come from."""
    said = {"From": phone or "", "To": "+14155550100", "Body": body, "MessageSid": "SM1"} | fields
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": twilio_signature(f"{ORIGIN}{INCOMING}", said, TOKEN),
    }
    return client(world).post(INCOMING, content=urlencode(said).encode(), headers=headers)


def refuse(world: World, account: Account, key: str, fate: Fate = Fate.STOPPED) -> None:
    """The provider refuses a text that is being sent."""
    with world.database.transaction() as session:
        message = messages.claim(session, key, now=world.clock())[1]
        assert message
        messages.settle(session, message, MessageState.FAILED, at=world.clock(), reason="twilio_21610")
        fates.note(session, key, fate, reason="twilio_21610", at=world.clock())


def code_key(world: World, account: Account) -> str:
    with world.database.reading() as session:
        return next(
            message.key
            for message in messages.of_account(session, account.account_id)
            if message.template == Template.SIGN_IN_CODE
        )


def breaches(world: World) -> set[Invariant]:
    with world.database.reading() as session:
        return {found.invariant for found in invariants.breaches(session, now=world.clock()) if found.count}


@pytest.mark.parametrize(
    ("told_by_twilio", "kept"), [("+5215512345678", "+525512345678"), ("+5491123456789", "+541123456789")]
)
def test_stop_counts_though_the_carrier_tells_the_number_in_another_form(
    world: World, told_by_twilio: str, kept: str
) -> None:
    account = world.ready_account(phone=kept)
    answer(world, told_by_twilio, "STOP")
    assert world.facts(account).texts_stopped
    answer(world, told_by_twilio, "START")
    assert not world.facts(account).texts_stopped


def test_who_answers_stop_has_no_way_in_by_text_until_they_answer_start(
    world: World, account: Account
) -> None:
    response = answer(world, account.phone, " Stop ")
    assert (response.status_code, response.text) == (200, "<Response/>")
    assert world.facts(account).texts_stopped
    assert Route.SMS not in proven_routes(world.facts(account))
    assert world.facts(account).channels == (Channel.EMAIL,)
    assert world.kinds(account)[-1] == "texts_stopped"
    answer(world, account.phone, "STOP")
    assert world.kinds(account).count("texts_stopped") == 1
    world.clock.advance(MINUTE)
    answer(world, account.phone, "start")
    assert Route.SMS in proven_routes(world.facts(account))
    assert world.kinds(account)[-1] == "contact_works_again"


def test_the_last_passkey_is_not_removed_because_texts_seem_to_remain(world: World, account: Account) -> None:
    with world.database.transaction() as session:
        first, second = passkeys.active(session, account.account_id)
        passkeys.remove(session, first if first.last_used_at is None else second, at=world.clock())
    answer(world, account.phone, "STOP")
    with world.database.reading() as session:
        (last,) = passkeys.active(session, account.account_id)
        with pytest.raises(LastRoute):
            passkey_removal.require_another_way(session, last)


def test_a_code_that_meets_stop_is_told_of_by_e_mail_with_how_to_open_the_number(world: World) -> None:
    account = world.account()
    browser = world.browser()
    browser.ask_for_code(account.phone)
    write_up(world.database, world.clock)
    world.clock.advance(MINUTE)
    refuse(world, account, code_key(world, account))
    assert world.facts(account).texts_stopped
    assert world.templates(account)[0] == Template.CODE_NOT_TEXTED
    with world.database.reading() as session:
        told = messages.of_account(session, account.account_id)[0]
    assert (told.channel, told.recipient, told.purpose) == (Channel.EMAIL, account.email, Purpose.CODE)
    assert told.values == {"cause": "stopped"}


def test_a_code_that_is_typed_has_arrived_and_opens_the_number(world: World) -> None:
    account = world.account()
    answer(world, account.phone, "STOP")
    world.clock.advance(MINUTE)
    world.browser().sign_in_by_code(account)
    assert not world.facts(account).texts_stopped
    assert "contact_works_again" in world.kinds(account)


def test_a_text_that_arrives_opens_the_number_and_one_from_before_stop_does_not(
    world: World, account: Account
) -> None:
    send(world, account, "before", channel=Channel.SMS)
    world.clock.advance(MINUTE)
    answer(world, account.phone, "STOP")
    world.clock.advance(MINUTE)
    tell_status(world, "before", MessageStatus="delivered")  # a carrier tells of it minutes later
    assert world.facts(account).texts_stopped
    assert Route.SMS not in proven_routes(world.facts(account))
    send(world, account, "after", channel=Channel.SMS)
    world.clock.advance(MINUTE)
    tell_status(world, "after", MessageStatus="delivered")
    assert not world.facts(account).texts_stopped


def test_what_is_told_late_of_a_text_from_before_does_not_open_a_number_that_refused_the_next_one(
    world: World, account: Account
) -> None:
    send(world, account, "before", channel=Channel.SMS)
    world.clock.advance(MINUTE)
    send(world, account, "refused", channel=Channel.SMS)
    world.clock.advance(MINUTE)
    tell_status(world, "refused", MessageStatus="failed", ErrorCode="21610")
    world.clock.advance(MINUTE)
    tell_status(world, "before", MessageStatus="delivered")
    assert world.facts(account).texts_stopped


def test_another_number_is_open(world: World, account: Account) -> None:
    answer(world, account.phone, "STOP")
    with world.database.transaction() as session:
        session.get_one(Account, account.account_id).phone = "+4915199999999"
    assert not world.facts(account).texts_stopped


def test_codes_that_are_restored_to_a_closed_number_say_how_to_open_it(
    world: World, account: Account
) -> None:
    world.set_sms(account, SmsState.SUSPENDED)
    answer(world, account.phone, "STOP")
    with world.database.transaction() as session:
        sms.restore(session, account.account_id, at=world.clock(), actor=Actor.STAFF, reason="a test")
    with world.database.reading() as session:
        told = [m for m in messages.of_account(session, account.account_id) if m.template == "sms_restored"]
    assert {message.values["stopped"] for message in told} == {"yes"}
    assert Route.SMS not in proven_routes(world.facts(account))


def test_the_account_page_says_how_to_open_a_closed_number(world: World) -> None:
    account = world.account()
    browser = world.browser()
    browser.sign_in_by_code(account)
    answer(world, account.phone, "STOP")
    page = browser.get("/account").text
    assert re.search(r"answered STOP.*send START", page)
    assert "/account/reminders/sms" not in page


def test_who_closes_their_only_way_in_broke_no_promise_of_ours_but_what_we_take_after_that_does(
    world: World, account: Account
) -> None:
    alone = world.account()
    answer(world, alone.phone, "STOP")
    answer(world, account.phone, "STOP")
    assert breaches(world) == set()
    world.clock.advance(MINUTE)
    with world.database.transaction() as session, unguarded(session):
        for passkey in passkeys.active(session, account.account_id):
            passkeys.remove(session, passkey, at=world.clock())
        codes = select(RecoveryCode).where(RecoveryCode.account_id == account.account_id)
        for code in session.exec(codes):
            code.voided_at = world.clock()
    assert breaches(world) == {Invariant.SOME_PROVEN_ROUTE}


def test_stop_ends_reminders_and_no_more_where_codes_have_a_sender_of_their_own(
    world: World, account: Account
) -> None:
    statuses = TwilioStatuses(TOKEN, codes_go_elsewhere=True)
    world.services = replace(world.services, twilio_statuses=statuses)
    answer(world, account.phone, "STOP")
    assert Route.SMS in proven_routes(world.facts(account))
    assert world.facts(account).channels == (Channel.EMAIL,)
    world.clock.advance(MINUTE)
    answer(world, account.phone, "START")
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


@pytest.mark.parametrize(
    ("body", "fields"),
    [("STOP please", {}), ("Hello", {}), ("HELP", {"OptOutType": "HELP"}), ("", {})],
)
def test_other_words_close_and_open_nothing(
    world: World, account: Account, body: str, fields: dict[str, str]
) -> None:
    assert answer(world, account.phone, body, **fields).status_code == 200
    assert not world.facts(account).texts_stopped


def test_what_twilio_made_of_a_word_in_another_language_counts(world: World, account: Account) -> None:
    answer(world, account.phone, "Arrêt", OptOutType="STOP")
    assert world.facts(account).texts_stopped


@pytest.mark.parametrize(
    ("kept", "sender"),
    [
        ("+541123456789", "+5491123456789"),
        ("+5491123456789", "+541123456789"),
        ("+525512345678", "+5215512345678"),
    ],
)
def test_an_answer_is_heard_however_a_carrier_writes_its_senders_number(
    world: World, kept: str, sender: str
) -> None:
    account = world.account(phone=kept)
    answer(world, sender, "STOP")
    assert world.facts(account).texts_stopped
    world.clock.advance(MINUTE)
    answer(world, sender, "START")
    assert not world.facts(account).texts_stopped


@pytest.mark.parametrize("phone", ["", "whatsapp:+4915112345678", "+4915100", "+4915187654321", "STOP"])
def test_a_stranger_closes_nobodys_number(world: World, account: Account, phone: str) -> None:
    assert answer(world, phone, "STOP").status_code == 200
    assert not world.facts(account).texts_stopped


def test_who_is_not_twilio_closes_nobodys_number(world: World, account: Account) -> None:
    body = urlencode({"From": account.phone or "", "Body": "STOP"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "x"}
    assert client(world).post(INCOMING, content=body, headers=headers).status_code == 403
    assert not world.facts(account).texts_stopped


def test_what_the_account_is_to_blame_for_marks_nobodys_number_and_reminders_take_the_e_mail(
    world: World, account: Account
) -> None:
    send(world, account, "m1", channel=Channel.SMS)
    tell_status(world, "m1", MessageStatus="undelivered", ErrorCode="30034")
    assert world.facts(account).channels == (Channel.EMAIL,)
    assert world.facts(account).nudges[0].arrived == 0
    assert Route.SMS in proven_routes(world.facts(account))
    with world.database.reading() as session:
        fault = contact_faults.of_accounts(session, [account.account_id])[account.account_id, Channel.SMS]
    assert (fault.is_broken, fault.is_withheld) == (False, True)
    send(world, account, "m2", channel=Channel.SMS)
    world.clock.advance(MINUTE)
    tell_status(world, "m2", MessageStatus="delivered")
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


def test_where_nothing_else_reaches_the_person_texts_are_tried_on(world: World) -> None:
    account = world.account(email=None)
    send(world, account, "m1", channel=Channel.SMS)
    tell_status(world, "m1", MessageStatus="undelivered", ErrorCode="30034")
    assert world.facts(account).channels == (Channel.SMS,)
