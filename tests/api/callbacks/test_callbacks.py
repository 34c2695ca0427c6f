"""What providers tell of messages: doubled, late, out of order, about strangers, and only if they have signed it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.web.security import LARGEST_BATCH, LARGEST_BODY
from domain.facts import Channel, Milestone, SmsState
from domain.messages.messages import MessageState, Purpose, Template
from providers.sendgrid_events import SendGridEvents
from providers.twilio_statuses import TwilioStatuses
from store import Database
from store.messages import callback_counts, contact_faults, messages
from store.messages.contact_faults import ContactFault
from store.messages.messages import Message, NewMessage
from store.people.accounts import Account
from tests.absences import nobody_there
from tests.api.world import ORIGIN, World, make_world
from tests.clocks import START, FakeClock
from tests.providers.standins.callbacks import SendGridSigner
from tests.signatures import TwilioPost, batch, sendgrid_event, sendgrid_headers, twilio_post

SENDGRID = SendGridSigner()
TOKEN = "the auth token of the tests"
HOUR = timedelta(hours=1)


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    """Offramp with both providers."""
    return with_providers(make_world(database, clock))


def with_providers(world: World) -> World:
    world.services = replace(
        world.services,
        sendgrid_events=SendGridEvents(SENDGRID.public_key),
        twilio_statuses=TwilioStatuses(TOKEN),
    )
    return world


@pytest.fixture
def account(world: World) -> Account:
    """Somebody who can be reached by both channels."""
    return world.account()


def send(
    world: World,
    account: Account | None,
    key: str,
    *,
    channel: Channel = Channel.EMAIL,
    template: Template = Template.NUDGE_PASSKEY_ENROLLED,
    state: MessageState | None = MessageState.SENT,
) -> None:
    """A message that has come as far as a state; None: its sender has it in hand."""
    is_nudge = template.startswith("nudge")
    contact = {Channel.EMAIL: account.email, Channel.SMS: account.phone}[channel] if account else None
    new = NewMessage(
        key=key,
        account_id=account.account_id if account else None,
        purpose=Purpose.NUDGE if is_nudge else Purpose.NOTICE,
        template=template,
        channel=channel,
        recipient=contact or "olga@example.org",
        locale="en",
        milestone=Milestone.PASSKEY_ENROLLED if is_nudge else None,
    )
    with world.database.transaction() as session:
        messages.add(session, new, at=world.clock())
        _, message = messages.claim(session, key, now=world.clock())
        assert message
        if state:
            messages.settle(session, message, state, at=world.clock())


def message(world: World, key: str) -> Message:
    with world.database.reading() as session:
        row = messages.find(session, key)
        assert row
        return row


def faults(world: World, account: Account) -> dict[Channel, ContactFault]:
    with world.database.reading() as session:
        rows = contact_faults.of_accounts(session, [account.account_id])
        return {channel: fault for (_, channel), fault in rows.items()}


def counted(world: World) -> dict[tuple[str, str], int]:
    with world.database.reading() as session:
        return {(entry.provider, entry.outcome): entry.times for entry in callback_counts.counts(session)}


def client(world: World, base_url: str = ORIGIN) -> TestClient:
    return TestClient(world.app(), base_url=base_url, follow_redirects=False)


def tell(world: World, *events: dict[str, Any]) -> Response:
    """SendGrid tells of some events."""
    return post(world, batch(*events))


def post(world: World, body: bytes, **headers: str) -> Response:
    signed = sendgrid_headers(SENDGRID, body, at=world.clock())
    return client(world).post("/callbacks/sendgrid", content=body, headers=signed | headers)


def tell_status(world: World, key: str, **fields: str) -> Response:
    """Twilio tells of a message's status."""
    return call_back(world, twilio_post(key, origin=ORIGIN, auth_token=TOKEN, **fields))


def call_back(world: World, request: TwilioPost, base_url: str = ORIGIN) -> Response:
    path = request.url.removeprefix(ORIGIN)
    return client(world, base_url).post(path, content=request.body, headers=request.headers)


def bounce(key: str, *, at: datetime = START) -> dict[str, Any]:
    reason = "550 5.1.1 <ada@example.org>: no such user"
    return sendgrid_event(key, "bounce", at=at, type="bounce", reason=reason)


def test_a_bounced_address_is_on_record_and_no_longer_reaches_the_person(
    world: World, account: Account
) -> None:
    send(world, account, "m1")
    assert tell(world, bounce("m1")).status_code == 204
    assert message(world, "m1").fate == "bounced"
    assert world.journal(account)[-1].detail["reason"] == "bounce_550"
    assert world.kinds(account)[-1] == "message_bounced"
    assert world.facts(account).channels == (Channel.SMS,)
    assert world.facts(account).nudges[0].arrived == 0
    assert counted(world) == {("sendgrid", "news"): 1}


def test_what_is_told_twice_is_noted_once(world: World, account: Account) -> None:
    send(world, account, "m1")
    for _ in range(3):
        assert tell(world, bounce("m1"), bounce("m1")).status_code == 204
    assert world.kinds(account).count("message_bounced") == 1
    assert counted(world) == {("sendgrid", "news"): 1, ("sendgrid", "known"): 5}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_weightier_word_stays_in_whatever_order_it_comes(
    world: World, account: Account, order: tuple[int, ...]
) -> None:
    send(world, account, "m1")
    events = [
        sendgrid_event("m1", "delivered", at=START),
        sendgrid_event("m1", "spamreport", at=START + HOUR),
    ]
    world.clock.advance(2 * HOUR)
    for place in order:
        tell(world, events[place])
    assert (message(world, "m1").fate, message(world, "m1").fate_at) == ("spam_reported", START + HOUR)
    assert world.facts(account).channels == (Channel.SMS,)


def test_an_event_about_a_message_that_is_still_being_sent_counts(world: World, account: Account) -> None:
    send(world, account, "m1", state=None)
    tell(world, sendgrid_event("m1", "delivered", at=START))
    sending = message(world, "m1")
    assert (sending.state, sending.fate) == (MessageState.SENDING, "delivered")
    with world.database.transaction() as session:
        messages.settle(session, sending, MessageState.SENT, at=world.clock())
    assert (message(world, "m1").state, message(world, "m1").fate) == (MessageState.SENT, "delivered")


def test_a_message_that_was_given_up_turns_out_well(world: World, account: Account) -> None:
    send(world, account, "m1", state=MessageState.UNKNOWN)
    tell(world, sendgrid_event("m1", "delivered", at=START))
    assert message(world, "m1").state == MessageState.SENT


def test_a_bounce_that_comes_hours_late_does_not_break_what_works_again(
    world: World, account: Account
) -> None:
    send(world, account, "m1")
    send(world, account, "m2")
    world.clock.advance(5 * HOUR)
    tell(world, sendgrid_event("m2", "delivered", at=START + 2 * HOUR))
    tell(world, bounce("m1", at=START + HOUR))
    assert message(world, "m1").fate == "bounced"
    assert faults(world, account) == {}


def test_a_delivery_that_comes_hours_late_does_not_mend_what_broke_since(
    world: World, account: Account
) -> None:
    send(world, account, "m1")
    send(world, account, "m2")
    world.clock.advance(5 * HOUR)
    tell(world, bounce("m2", at=START + 2 * HOUR))
    tell(world, sendgrid_event("m1", "delivered", at=START + HOUR))
    assert faults(world, account)[Channel.EMAIL].since == START + 2 * HOUR
    tell(world, sendgrid_event("m1", "delivered", at=START + 3 * HOUR))
    assert faults(world, account)[Channel.EMAIL].is_broken


def test_what_arrives_later_mends_a_contact(world: World, account: Account) -> None:
    send(world, account, "m1")
    send(world, account, "m2", template=Template.PASSKEY_BOUND)
    world.clock.advance(HOUR)
    tell(world, bounce("m1"))
    tell(world, sendgrid_event("m2", "delivered", at=START + HOUR))
    assert faults(world, account) == {}
    assert world.kinds(account)[-2:] == ["message_delivered", "contact_works_again"]
    assert world.facts(account).channels == (Channel.EMAIL, Channel.SMS)


def test_an_opt_out_holds_however_late_it_comes(world: World, account: Account) -> None:
    send(world, account, "m1")
    send(world, account, "m2")
    world.clock.advance(5 * HOUR)
    tell(world, sendgrid_event("m2", "delivered", at=START + 2 * HOUR))
    tell(world, sendgrid_event("m1", "group_unsubscribe", at=START + HOUR))
    assert world.facts(account).channels == (Channel.SMS,)


def test_a_fault_of_an_address_that_was_replaced_is_no_fault_of_the_new_one(
    world: World, account: Account
) -> None:
    send(world, account, "m1")
    with world.database.transaction() as session:
        session.get_one(Account, account.account_id).email = "new@example.org"
    tell(world, bounce("m1"))
    assert world.kinds(account)[-1] == "message_bounced"
    assert faults(world, account) == {}


def test_a_clock_that_is_ahead_does_not_reach_into_the_future(world: World, account: Account) -> None:
    send(world, account, "m1")
    tell(world, bounce("m1", at=START + 48 * HOUR))
    assert message(world, "m1").fate_at == START


def test_a_notice_that_comes_by_no_channel_is_told_of_once(world: World, account: Account) -> None:
    world.set_sms(account, SmsState.NOTICE)
    send(world, account, "n1", template=Template.SMS_NOTICE)
    send(world, account, "n2", template=Template.SMS_NOTICE, channel=Channel.SMS)
    tell(world, bounce("n1"))
    assert "notice_missed" not in world.kinds(account)
    tell_status(world, "n2", MessageStatus="undelivered", ErrorCode="30005")
    assert world.facts(account).notice_missed
    send(world, account, "m1")
    tell(world, sendgrid_event("m1", "delivered", at=START), bounce("n1"))
    assert world.kinds(account).count("notice_missed") == 1


def test_a_large_batch_loses_nothing_to_what_is_broken_in_it(world: World) -> None:
    people = [world.account() for _ in range(5)]
    for number in range(130):
        send(world, people[number % 5], f"m{number}")
    events = [sendgrid_event(f"m{number}", "delivered", at=START) for number in range(130)]
    strange = [
        sendgrid_event("m5\ud800", "delivered", at=START),  # half of a character
        sendgrid_event(
            "m6\0", "delivered", at=START
        ),  # PostgreSQL knows no NUL, SQLite no message of that key
        sendgrid_event("elsewhere", "delivered", at=START),
        sendgrid_event(None, "delivered", at=START),
        sendgrid_event("m7", "open", at=START),
        {},
    ]
    body = batch(*events[:60], *strange, *events[60:]).replace(b"}]", b"}, 7, null]")
    assert post(world, body).status_code == 204
    assert {message(world, f"m{number}").fate for number in range(130)} == {"delivered"}
    counts = counted(world)
    assert counts["sendgrid", "news"] == 130
    assert counts["sendgrid", "not_ours"] == 4
    assert counts["sendgrid", "ignored"] == 1
    assert counts["sendgrid", "no_such_message"] + counts["sendgrid", "broken"] == 3


def test_what_is_broken_is_logged_without_its_content(world: World) -> None:
    with capture_logs() as logged:
        tell(world, sendgrid_event("m5\ud800", "delivered", at=START))
    assert [line["event"] for line in logged] == ["callback_event_broken"]
    assert "m5" not in str(logged)


def test_an_operators_mail_has_a_fate_too(world: World) -> None:
    send(world, None, "op1", template=Template.GUARDRAIL_FAILED)
    tell(world, bounce("op1"))
    assert message(world, "op1").fate == "bounced"
    assert counted(world) == {("sendgrid", "news"): 1}


def test_an_empty_batch_is_taken(world: World) -> None:
    assert tell(world).status_code == 204
    assert counted(world) == {}


def refusal(provider: str) -> dict[str, str]:
    """What the log says of a callback that was not signed."""
    said = {"event": "callback_refused", "reason": "wrong_signature"}
    return said | {"log_level": "warning", "provider": provider}


@pytest.mark.parametrize(
    "forge",
    [
        lambda headers: headers | {"x-twilio-email-event-webhook-signature": "bm90aGluZw=="},
        lambda headers: headers | {"x-twilio-email-event-webhook-signature": "no base64 !"},
        lambda headers: headers | {"x-twilio-email-event-webhook-timestamp": "1"},
        lambda headers: {"content-type": headers["content-type"]},
        lambda headers: headers | sendgrid_headers(SendGridSigner(), batch(bounce("m1")), at=START),
    ],
)
def test_whoever_is_not_sendgrid_changes_nothing_and_learns_nothing(
    world: World, account: Account, forge: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    send(world, account, "m1")
    body = batch(bounce("m1"))
    with capture_logs() as logged:
        headers = forge(sendgrid_headers(SENDGRID, body, at=START))
        answer = client(world).post("/callbacks/sendgrid", content=body, headers=headers)
    assert (answer.status_code, answer.content) == (403, b"")
    assert logged == [refusal("sendgrid")]
    assert message(world, "m1").fate is None
    assert counted(world) == {}


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff", b"7", b"[" * 5000])
def test_what_sendgrid_signed_and_cannot_have_meant_is_refused(world: World, body: bytes) -> None:
    assert post(world, body).status_code == 403


def test_batches_may_be_large_and_not_endless(world: World) -> None:
    padded = bounce("elsewhere") | {"padding": "x" * (LARGEST_BATCH - 1000)}
    assert tell(world, padded).status_code == 204
    assert tell(world, padded | {"more": "x" * 1000}).status_code == 413
    long_form = twilio_post("m1", origin=ORIGIN, auth_token=TOKEN, Body="x" * LARGEST_BODY)
    assert call_back(world, long_form).status_code == 413


def test_a_text_message_has_a_fate(world: World, account: Account) -> None:
    key = f"migration:{account.account_id}:passkey_enrolled:1&x=ü"
    send(world, account, key, channel=Channel.SMS)
    assert tell_status(world, key, MessageStatus="sent").status_code == 204
    assert tell_status(world, key, MessageStatus="undelivered", ErrorCode="30005").status_code == 204
    assert message(world, key).fate == "undeliverable"
    assert world.facts(account).channels == (Channel.EMAIL,)
    assert counted(world) == {("twilio", "ignored"): 1, ("twilio", "news"): 1}


def test_twilio_signs_the_public_address_whatever_stands_before_us(world: World, account: Account) -> None:
    send(world, account, "m1", channel=Channel.SMS)
    request = twilio_post("m1", origin=ORIGIN, auth_token=TOKEN, MessageStatus="delivered")
    assert call_back(world, request, base_url="http://10.0.0.1:8400").status_code == 204
    assert message(world, "m1").fate == "delivered"


@pytest.mark.parametrize(
    "forge",
    [
        lambda request: replace(request, url=request.url + "2"),
        lambda request: replace(request, url=f"{ORIGIN}/callbacks/twilio"),
        lambda request: replace(request, body=request.body.replace(b"delivered", b"failed")),
        lambda request: replace(request, body=b"\xff\xfe"),
        lambda request: replace(request, headers=request.headers | {"x-twilio-signature": "x"}),
        lambda request: replace(request, headers={}),
    ],
)
def test_whoever_is_not_twilio_changes_nothing(
    world: World, account: Account, forge: Callable[[TwilioPost], TwilioPost]
) -> None:
    send(world, account, "m1", channel=Channel.SMS)
    request = forge(twilio_post("m1", origin=ORIGIN, auth_token=TOKEN, MessageStatus="delivered"))
    with capture_logs() as logged:
        answer = call_back(world, request)
    assert (answer.status_code, answer.content) == (403, b"")
    assert logged == [refusal("twilio")]
    assert message(world, "m1").fate is None


def test_a_provider_that_is_not_set_up_is_not_there(database: Database, clock: FakeClock) -> None:
    bare = make_world(database, clock)
    for provider in ("sendgrid", "twilio"):
        assert client(bare).post(f"/callbacks/{provider}").status_code == 404


def test_when_the_database_is_in_trouble_the_provider_is_to_repeat(
    sqlite_database: Database, clock: FakeClock
) -> None:
    world = with_providers(make_world(sqlite_database, clock))
    account = world.account()
    send(world, account, "m1")
    with nobody_there(world.database):
        answer = tell(world, bounce("m1"))
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (503, "10", "")
    assert message(world, "m1").fate is None
    assert tell(world, bounce("m1")).status_code == 204
    assert message(world, "m1").fate == "bounced"
