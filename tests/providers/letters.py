"""Messages to send, and mailers and texters on stand-ins."""

from datetime import timedelta
from typing import Any

from domain.messages.messages import Purpose, Template
from domain.ports import Letter, TextMessage
from providers.senders import Sender
from providers.sendgrid import SendGridAccount, SendGridMailer
from providers.twilio import TwilioAccount, TwilioTexter
from tests.providers.standins import SENDGRID_KEY, TWILIO_SID, TWILIO_TOKEN

SENDER = Sender(email="hello@bakery.example", name="The Bakery, Inc.")
NUMBER = "+14155550123"
STOP = "https://login.example.com/stop?token=abc"
SOON = timedelta(seconds=0.5)
"""The patience of tests that wait for an answer which never comes."""


def a_letter(**changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "key": "account:notice:1",
        "to": "ann@example.com",
        "subject": "A new passkey",
        "text": "You have a new passkey.\n.\nThis wasn't you?\n",
        "html": "<p>You have a new passkey. Grüße</p>",
        "purpose": Purpose.NOTICE,
        "template": Template.PASSKEY_BOUND,
    }
    return Letter(**fields | changes)


def a_reminder(**changes: Any) -> Letter:
    nudge = {"purpose": Purpose.NUDGE, "template": Template.NUDGE_PASSKEY_ENROLLED, "stop_link": STOP}
    return a_letter(**nudge | changes)


def a_text(**changes: Any) -> TextMessage:
    fields: dict[str, Any] = {
        "key": "account:sms_notice:1/2",
        "to": NUMBER,
        "text": "Text-message codes end on Friday.",
        "purpose": Purpose.NOTICE,
        "template": Template.SMS_NOTICE,
    }
    return TextMessage(**fields | changes)


def a_code(**changes: Any) -> TextMessage:
    code = {
        "purpose": Purpose.CODE,
        "template": Template.SIGN_IN_CODE,
        "text": "Code 123456",
        "code": "123456",
    }
    return a_text(**code | changes)


def sendgrid_at(url: str, *, patience: timedelta = timedelta(seconds=10), **changes: Any) -> SendGridMailer:
    account: dict[str, Any] = {"api_key": SENDGRID_KEY, "base_url": url}
    return SendGridMailer(SendGridAccount(**account | changes), SENDER, patience=patience)


def twilio_at(url: str, *, patience: timedelta = timedelta(seconds=10), **changes: Any) -> TwilioTexter:
    account: dict[str, Any] = {
        "account_sid": TWILIO_SID,
        "auth_token": TWILIO_TOKEN,
        "from_number": "+15005550006",
        "base_url": url,
        "callback_origin": "https://login.example.com",
    }
    return TwilioTexter(TwilioAccount(**account | changes), patience=patience)
