"""Sends e-mails by SendGrid's v3 API."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    Asm,
    BypassSpamManagement,
    BypassUnsubscribeManagement,
    Category,
    ClickTracking,
    CustomArg,
    From,
    GroupId,
    Header,
    HtmlContent,
    Mail,
    MailSettings,
    OpenTracking,
    PlainTextContent,
    SandBoxMode,
    Subject,
    SubscriptionTracking,
    To,
    TrackingSettings,
)

from domain.messages.messages import Fate
from domain.ports import Letter, NeverDeliverable
from providers.senders import Sender, as_sent, own_headers
from providers.sendgrid_events import MESSAGE_KEY
from providers.wire import PATIENCE, Answer, Wire

BASE_URL = "https://api.sendgrid.com"


@dataclass(frozen=True, kw_only=True)
class SendGridAccount:
    """An account of SendGrid. `sandbox`: everything is checked and nothing delivered."""

    api_key: str = field(repr=False)
    base_url: str = BASE_URL
    sandbox: bool = False
    unsubscribe_group: int | None = None


class SendGridMailer:
    """A Mailer for any number of threads."""

    provider = "sendgrid"

    def __init__(self, account: SendGridAccount, sender: Sender, *, patience: timedelta = PATIENCE) -> None:
        self._account = account
        self._sender = sender
        self._api = SendGridAPIClient(account.api_key, host=account.base_url.rstrip("/"))
        self._wire = Wire(self.provider, self._api.host, patience)

    def send(self, letter: Letter) -> str:
        """Hand one e-mail over, and return SendGrid's id of it."""
        answer = self._ask("POST", "/v3/mail/send", self._composed(letter))
        self._refuse(answer)
        return answer.headers.get("x-message-id", "")

    def check(self) -> str | None:
        """Why SendGrid would not send, as far as it says without an e-mail; else None. Raises what `send` raises."""
        answer = self._ask("GET", "/v3/scopes")
        self._wire.refuse(answer)
        if answer.status == 200 and "mail.send" in _fields(answer).get("scopes", []):
            return None
        return "the key may not send mail: it needs the permission Mail Send"

    def _ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> Answer:
        # The library's own HTTP client opens a connection, and reads all certificates, for every single e-mail.
        return self._wire.request(
            method,
            f"{self._api.host}{path}",
            headers=self._api.client.request_headers | {"Content-Type": "application/json"},
            body=None if fields is None else json.dumps(fields).encode(),
        )

    def _composed(self, letter: Letter) -> dict[str, Any]:
        try:
            fields: dict[str, Any] = self._mail(letter).get()
        except NeverDeliverable:
            raise
        except Exception as error:  # the library has many kinds of ValueError
            raise NeverDeliverable(f"sendgrid_not_composed: {type(error).__name__}") from None
        return fields

    def _mail(self, letter: Letter) -> Mail:
        mail = Mail(
            from_email=From(self._sender.email, self._sender.name),
            to_emails=To(as_sent(letter.to)),
            subject=Subject(letter.subject),
            plain_text_content=PlainTextContent(letter.text),
            html_content=HtmlContent(letter.html),
        )
        mail.category = [Category(letter.purpose.value), Category(letter.template.value)]
        mail.custom_arg = CustomArg(MESSAGE_KEY, letter.key)
        mail.header = [Header(name, value) for name, value in own_headers(letter).items()]
        mail.tracking_settings = _no_tracking()
        mail.mail_settings = self._settings(letter)
        if letter.stop_link and self._account.unsubscribe_group is not None:
            mail.asm = Asm(GroupId(self._account.unsubscribe_group))
        return mail

    def _settings(self, letter: Letter) -> MailSettings:
        settings = MailSettings(sandbox_mode=SandBoxMode(enable=self._account.sandbox))
        if not letter.stop_link:
            # Codes and notices also reach people who want no reminders. An address that bounced stays suppressed.
            settings.bypass_unsubscribe_management = BypassUnsubscribeManagement(enable=True)
            settings.bypass_spam_management = BypassSpamManagement(enable=True)
        return settings

    def _refuse(self, answer: Answer) -> None:
        self._wire.refuse(answer)
        if answer.status < 300:
            return
        blamed = [str(error.get("field")) for error in _errors(answer)]
        if any(name.startswith("from") for name in blamed):
            self._wire.refuse_configuration("sender_refused")
        reason = f"sendgrid_{answer.status}"
        if any(name.startswith("personalizations") and ".to" in name for name in blamed):
            raise NeverDeliverable(reason, fate=Fate.UNDELIVERABLE)
        raise NeverDeliverable(reason)


def _no_tracking() -> TrackingSettings:
    """Links in e-mails hold secrets, which a redirecting server must not see."""
    settings = TrackingSettings()
    settings.click_tracking = ClickTracking(enable=False, enable_text=False)
    settings.open_tracking = OpenTracking(enable=False)
    settings.subscription_tracking = SubscriptionTracking(enable=False)
    return settings


def _fields(answer: Answer) -> dict[str, Any]:
    try:
        fields = json.loads(answer.body)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _errors(answer: Answer) -> list[dict[str, Any]]:
    errors = _fields(answer).get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
