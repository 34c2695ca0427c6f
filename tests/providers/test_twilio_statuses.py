"""Twilio's status callbacks: only Twilio's own are read, and each is put into our words without the number."""

from urllib.parse import quote

import pytest
from starlette.datastructures import FormData

from domain.errors import BadSignature
from domain.messages.messages import Fate
from providers.twilio_statuses import TwilioStatuses, callback_url
from tests.clocks import START
from tests.providers.standins import TWILIO_TOKEN
from tests.providers.standins.callbacks import twilio_signature

KEY = "0192-account:sms_notice:1/2 &?"
URL = callback_url("https://login.example.com", KEY)
STATUSES = TwilioStatuses(TWILIO_TOKEN)
DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+14155550123"}


@pytest.mark.parametrize(
    ("status", "error", "fate", "reason"),
    [
        ("delivered", None, Fate.DELIVERED, "delivered"),
        ("read", None, Fate.DELIVERED, "delivered"),
        ("undelivered", "30003", Fate.BLOCKED, "twilio_30003"),
        ("undelivered", "30005", Fate.UNDELIVERABLE, "twilio_30005"),
        ("undelivered", "30006", Fate.UNDELIVERABLE, "twilio_30006"),
        ("undelivered", "30007", Fate.WITHHELD, "twilio_30007"),
        ("undelivered", "30034", Fate.WITHHELD, "twilio_30034"),
        ("failed", "21610", Fate.STOPPED, "twilio_21610"),
        ("failed", "21614", Fate.UNDELIVERABLE, "twilio_21614"),
        ("failed", None, Fate.BLOCKED, "twilio_failed"),
        ("failed", "+14155550123", Fate.BLOCKED, "twilio_failed"),
        *((status, None, None, "nothing_new") for status in ("queued", "sending", "sent", "", "new")),
    ],
)
def test_each_status_has_its_meaning(status: str, error: str | None, fate: Fate | None, reason: str) -> None:
    fields = {"MessageStatus": status} | ({"ErrorCode": error} if error else {})
    event = STATUSES.read(url=URL, fields=fields, signature=twilio_signature(URL, fields), now=START)
    assert (event.key, event.fate, event.reason, event.at) == (KEY, fate, reason, START)


def test_a_form_as_the_web_framework_reads_it_is_read_alike() -> None:
    form = FormData(DELIVERED)
    event = STATUSES.read(url=URL, fields=form, signature=twilio_signature(URL, DELIVERED), now=START)  # type: ignore[arg-type]
    assert event.fate is Fate.DELIVERED


def test_a_callback_without_a_key_names_no_message_of_ours() -> None:
    url = "https://login.example.com/callbacks/twilio"
    event = STATUSES.read(url=url, fields=DELIVERED, signature=twilio_signature(url, DELIVERED), now=START)
    assert event.key is None


@pytest.mark.parametrize("port", [443, 8443])
def test_the_port_may_or_may_not_be_signed(port: int) -> None:
    url = URL.replace(".com/", f".com:{port}/")
    assert STATUSES.read(url=url, fields=DELIVERED, signature=twilio_signature(url, DELIVERED), now=START)


@pytest.mark.parametrize(
    ("url", "fields", "signature"),
    [
        (URL, DELIVERED | {"MessageStatus": "failed"}, twilio_signature(URL, DELIVERED)),
        (URL, DELIVERED | {"Extra": "1"}, twilio_signature(URL, DELIVERED)),
        (URL, {}, twilio_signature(URL, DELIVERED)),
        (URL.replace(quote(KEY, safe=""), "other"), DELIVERED, twilio_signature(URL, DELIVERED)),
        (URL.replace("https", "http"), DELIVERED, twilio_signature(URL, DELIVERED)),
        (URL, DELIVERED, twilio_signature(URL, DELIVERED, token="another")),
        (URL, DELIVERED, ""),
        (URL, DELIVERED, "garbage"),
        (URL, DELIVERED, "ü" * 28),
        ("https://[broken", DELIVERED, "garbage"),
        ("https://host:99999999/", DELIVERED, "garbage"),
    ],
)
def test_what_twilio_did_not_sign_is_refused(url: str, fields: dict[str, str], signature: str) -> None:
    with pytest.raises(BadSignature):
        STATUSES.read(url=url, fields=fields, signature=signature, now=START)
