"""Sends text messages by Twilio: Messages, and, if wanted, Verify for codes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from twilio.rest import Client

from domain.messages.messages import CODE_LIFETIME, Purpose
from domain.ports import TextMessage
from providers.twilio_http import TwilioHttp
from providers.twilio_statuses import callback_url
from providers.wire import PATIENCE


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """An account of Twilio, and what it sends from: a number, or a messaging service.

    `verify_service`: codes go out by Twilio Verify. `base_url`: another server that speaks the same APIs.
    `callback_origin`: where Twilio reaches us; None if it cannot.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str = ""
    messaging_service: str = ""
    verify_service: str = ""
    base_url: str = ""
    callback_origin: str | None = None


class TwilioTexter:
    """A Texter for any number of threads."""

    provider = "twilio"

    def __init__(self, account: TwilioAccount, *, patience: timedelta = PATIENCE) -> None:
        self._account = account
        http = TwilioHttp(
            self.provider, account.base_url, patience, codes_go_elsewhere=bool(account.verify_service)
        )
        self._client = Client(account.account_sid, account.auth_token, http_client=http)
        self._messages = self._client.messages
        verify = self._client.verify.v2
        self._verify = verify.services(account.verify_service) if account.verify_service else None

    def send(self, message: TextMessage) -> str:
        """Hand one text message over, and return Twilio's id of it."""
        if self._verify and message.code and message.purpose is Purpose.CODE:
            language = message.locale.replace("_", "-").split("-")[0]
            resource = self._verify.verifications.create(
                to=message.to, channel="sms", custom_code=message.code, locale=language
            )
        else:
            resource = self._messages.create(to=message.to, body=message.text, **self._options(message))
        return str(resource.sid)

    def check(self) -> str | None:
        """Why Twilio would not send, as far as it says without a message; else None. Raises what `send` raises."""
        account = self._client.api.v2010.accounts(self._account.account_sid).fetch()
        if account.status != "active":
            return f"the account is {account.status}"
        if self._verify and not self._verify.fetch().custom_code_enabled:
            return (
                "the Verify service takes no codes of ours: enable custom verification codes in its settings"
            )
        return None

    def _options(self, message: TextMessage) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self._account.messaging_service:
            options["messaging_service_sid"] = self._account.messaging_service
        else:
            options["from_"] = self._account.from_number
        if self._account.callback_origin:
            options["status_callback"] = callback_url(self._account.callback_origin, message.key)
        if message.purpose is Purpose.CODE:
            # A code that leaves Twilio after its end would only confuse its reader.
            options["validity_period"] = int(CODE_LIFETIME.total_seconds())
        return options
