"""Whoever presses one button again and again floods nobody, and still everything is told."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.facts import Channel, SmsState
from domain.messages.budgets import BUDGETS, DAY
from domain.messages.messages import MessageState, Purpose
from domain.safety.throttle import LIMITS, Throttle
from store.messages import gathering, messages
from store.messages.messages import Message
from store.people.accounts import Account
from tests.api.world import Browser, World

PRESSES = 150
NOTICES = {channel: BUDGETS[Purpose.NOTICE, channel].contact for channel in Channel}


def make_codes(world: World, browser: Browser, account: Account) -> None:
    assert browser.post("/setup/recovery-codes").status_code == 200


def restore_sms(world: World, browser: Browser, account: Account) -> None:
    world.set_sms(account, SmsState.SUSPENDED)
    assert browser.post("/account/sms/restore").status_code == 303


def bind_and_remove(world: World, browser: Browser, account: Account) -> None:
    browser.make_passkey(world.authenticator())
    passkey_id = world.journal(account)[-1].detail["passkey_id"]
    assert browser.post(f"/account/passkeys/{passkey_id}/remove", is_sure="true").status_code == 303


def notices_of(world: World, account: Account) -> list[Message]:
    with world.database.reading() as session:
        everything = messages.of_account(session, account.account_id, limit=2000)
    return [message for message in everything if message.purpose == Purpose.NOTICE]


@pytest.mark.parametrize("press", [make_codes, restore_sms, bind_and_remove])
def test_a_button_that_is_pressed_150_times_sends_a_handful_of_messages_and_tells_of_every_press(
    world: World, browser: Browser, press: Callable[[World, Browser, Account], None]
) -> None:
    account = world.account(email_verified_at=world.clock())
    browser.sign_in_by_code(account)
    for _ in range(PRESSES):
        press(world, browser, account)
    told = notices_of(world, account)
    to_send = Counter(message.channel for message in told if message.state == MessageState.QUEUED)
    assert to_send == {Channel.SMS: NOTICES[Channel.SMS] + 1, Channel.EMAIL: NOTICES[Channel.EMAIL] + 1}
    changes = PRESSES * (2 if press is bind_and_remove else 1)
    for channel in Channel:
        by_state = Counter(message.state for message in told if message.channel == channel)
        assert by_state[MessageState.GATHERED] == changes - NOTICES[channel]
    assert all(_is_in_a_letter(world, message) for message in told)


def _is_in_a_letter(world: World, message: Message) -> bool:
    if message.state != MessageState.GATHERED:
        return True
    with world.database.reading() as session:
        return message.key in {part.key for part in gathering.parts(session, message.gathered_in or "")}


def ask_all_day(world: World, typed: str) -> list[int]:
    """Ask for a code every quarter of an hour, from browsers all over the world."""
    statuses = []
    for number in range(PRESSES):
        browser = world.browser(address=f"203.0.113.{number}")
        statuses.append(browser.post("/sign-in", identifier=typed).status_code)
        world.clock.advance(DAY / PRESSES)
    return statuses


def test_codes_that_are_asked_for_all_day_end_and_nobody_learns_whether_there_is_an_account(
    world: World,
) -> None:
    account = world.account()
    begin = world.clock()
    known = ask_all_day(world, account.phone or "")
    world.clock.set(begin)
    unknown = ask_all_day(world, "+4915799999999")
    assert known == unknown
    most = LIMITS[Throttle.CODES_PER_DAY].most
    assert Counter(known) == {303: most, 429: PRESSES - most}


def test_the_page_says_how_many_hours_to_wait(world: World) -> None:
    account = world.account()
    ask_all_day(world, account.phone or "")
    world.clock.advance(timedelta(minutes=1) - DAY / 2)
    answer = world.browser(address="203.0.113.200").post("/sign-in", identifier=account.phone or "")
    assert answer.status_code == 429
    assert "please wait 12 hours" in answer.text


def test_codes_for_one_account_under_both_its_names_leave_room_for_its_owner(world: World) -> None:
    account = world.account()
    for typed in (account.phone, account.email):
        ask_all_day(world, typed or "")
        world.clock.advance(-DAY)
    with world.database.reading() as session:
        sent = messages.of_account(session, account.account_id, limit=2000)
    assert len(sent) < BUDGETS[Purpose.CODE, Channel.SMS].account
