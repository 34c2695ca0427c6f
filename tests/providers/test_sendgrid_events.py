"""SendGrid's events: only SendGrid's own are read, and each is put into our words without the person's."""

import base64
import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent
from domain.messages.messages import Fate
from providers.sendgrid_events import OLDEST, SendGridEvents
from tests.providers.standins import SendGridSigner
from tests.providers.standins.callbacks import sendgrid_event

SIGNER = SendGridSigner()
EVENTS = SendGridEvents(SIGNER.public_key)
AT = "1700000000"
SECOND = timedelta(seconds=1)
NOW = datetime.fromtimestamp(int(AT), UTC)


def read(*events: Any) -> list[ProviderEvent]:
    body = json.dumps(events).encode()
    return EVENTS.read(body=body, signature=SIGNER.sign(body, AT), timestamp=AT, now=NOW)


@pytest.mark.parametrize(
    ("event", "fields", "fate", "reason"),
    [
        ("delivered", {"response": "250 OK"}, Fate.DELIVERED, "delivered"),
        (
            "bounce",
            {"type": "bounce", "reason": "550 5.1.1 ann@example.com unknown"},
            Fate.BOUNCED,
            "bounce_550",
        ),
        ("bounce", {"type": "bounce", "status": "5.1.1", "reason": "no ann"}, Fate.BOUNCED, "bounce_5.1.1"),
        ("bounce", {"type": "bounce"}, Fate.BOUNCED, "bounce"),
        ("bounce", {"type": "blocked", "reason": "554 spam"}, Fate.BLOCKED, "blocked_554"),
        ("dropped", {"reason": "Bounced Address"}, Fate.UNDELIVERABLE, "dropped_undeliverable"),
        ("dropped", {"reason": "Invalid"}, Fate.UNDELIVERABLE, "dropped_undeliverable"),
        ("dropped", {"reason": "Invalid SMTPAPI header"}, Fate.BLOCKED, "dropped_blocked"),
        ("dropped", {"reason": "Unsubscribed Address"}, Fate.UNSUBSCRIBED, "dropped_unsubscribed"),
        ("dropped", {"reason": "Spam Reporting Address"}, Fate.SPAM_REPORTED, "dropped_spam_reported"),
        ("dropped", {"reason": "Spam Content"}, Fate.BLOCKED, "dropped_blocked"),
        ("dropped", {}, Fate.BLOCKED, "dropped_blocked"),
        ("spamreport", {}, Fate.SPAM_REPORTED, "spamreport"),
        ("unsubscribe", {}, Fate.UNSUBSCRIBED, "unsubscribe"),
        ("group_unsubscribe", {}, Fate.UNSUBSCRIBED, "group_unsubscribe"),
        *((name, {}, None, "nothing_new") for name in ("processed", "deferred", "open", "click", "new")),
    ],
)
def test_each_event_has_its_meaning(
    event: str, fields: dict[str, Any], fate: Fate | None, reason: str
) -> None:
    (report,) = read(sendgrid_event(event, "a:b:1", **fields))
    assert (report.key, report.fate, report.reason) == ("a:b:1", fate, reason)


def test_an_event_happened_when_it_says() -> None:
    post = sendgrid_event("delivered", "k") | {"timestamp": 1600000000}
    assert read(post)[0].at == datetime.fromtimestamp(1600000000, UTC)


@pytest.mark.parametrize("timestamp", [None, "yesterday", -1e300, 1e300, [], True])
def test_a_time_that_is_none_is_that_of_the_telling(timestamp: Any) -> None:
    (report,) = read(sendgrid_event("delivered", "k") | {"timestamp": timestamp})
    assert report.at in (datetime.fromtimestamp(int(AT), UTC), datetime.fromtimestamp(1, UTC))


@pytest.mark.parametrize("event", [{}, "words", 7, None, [], {"message_key": 7}, {"message_key": ""}])
def test_an_event_that_is_not_of_our_messages_names_none(event: Any) -> None:
    (report,) = read(event)
    assert (report.key, report.fate) == (None, None)


def test_a_batch_is_read_whole_and_in_order() -> None:
    batch = [sendgrid_event("delivered", f"k{number}") for number in range(1000)]
    assert [event.key for event in read(*batch)] == [f"k{number}" for number in range(1000)]


@pytest.mark.parametrize("body", [b"", b"{", b'{"event": "delivered"}', b"7", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_signed_and_no_list_of_events_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        EVENTS.read(body=body, signature=SIGNER.sign(body, AT), timestamp=AT, now=NOW)


BODY = json.dumps([sendgrid_event("delivered", "k")]).encode()
GOOD = SIGNER.sign(BODY, AT)


@pytest.mark.parametrize(
    ("body", "signature", "timestamp"),
    [
        (BODY + b" ", GOOD, AT),
        (BODY.replace(b"delivered", b"unsubscribe"), GOOD, AT),
        (BODY, GOOD, "1700000001"),
        (BODY, GOOD, ""),
        (BODY, "", AT),
        (BODY, "!!! no base64", AT),
        (BODY, "bm9uc2Vuc2U=", AT),
        (BODY, "ü" * 90, AT),
        (BODY, base64.b64encode(bytes(72)).decode(), AT),
        (BODY, SendGridSigner().sign(BODY, AT), AT),
        (BODY, SIGNER.sign(BODY, "now"), "now"),
        (BODY, SIGNER.sign(BODY, "9" * 30), "9" * 30),
    ],
    ids=lambda _: "",  # signatures differ from run to run
)
def test_what_sendgrid_did_not_sign_is_refused(body: bytes, signature: str, timestamp: str) -> None:
    with pytest.raises(BadSignature):
        EVENTS.read(body=body, signature=signature, timestamp=timestamp, now=NOW)


@pytest.mark.parametrize("key", ["no key", "AAAA", "-----BEGIN PUBLIC KEY-----"])
def test_a_key_that_is_none_is_told_at_once(key: str) -> None:
    with pytest.raises(ValueError, match=r"PEM file|key data"):
        SendGridEvents(key)


@pytest.mark.parametrize(("later", "is_taken"), [(timedelta(hours=24), True), (OLDEST + SECOND, False)])
def test_a_batch_is_believed_as_long_as_sendgrid_repeats_it_and_not_when_it_is_played_back(
    later: timedelta, is_taken: bool
) -> None:
    expected = nullcontext() if is_taken else pytest.raises(BadSignature, match="too_old")
    with expected:
        EVENTS.read(body=BODY, signature=GOOD, timestamp=AT, now=NOW + later)


@pytest.mark.parametrize(
    ("named", "ids"),
    [
        ({"sg_message_id": "evEK_IhZSlKus-FxIQ.filter0361p1las1-11880-5978131E-23.0"}, "evEK_IhZSlKus-FxIQ"),
        ({"sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0"}, "14c5d75ce93.dfd.64b469"),
        ({"smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>"}, "14c5d75ce93.dfd.64b469"),
        ({"sg_message_id": "", "smtp-id": None}, None),
        ({"sg_message_id": "x" * 300, "smtp-id": "<a\0b@ismtpd>"}, None),
        ({"sg_message_id": ["a"], "smtp-id": 7}, None),
    ],
)
def test_the_ids_of_an_event_lead_back_to_the_id_that_sendgrid_gave_when_it_took_the_message(
    named: dict[str, Any], ids: str | None
) -> None:
    (report,) = read({"event": "bounce", **named})
    assert ids in report.provider_ids if ids else report.provider_ids == ()


def test_where_an_event_went_is_not_in_what_is_logged_of_it() -> None:
    (report,) = read({"event": "bounce", "email": "ada@example.org"})
    assert report.address == "ada@example.org"
    assert "ada" not in repr(report)
    for strange in ("ada@\0", "a" * 400, 7, None, "ada@\ud800"):
        assert read({"event": "bounce", "email": strange})[0].address is None
