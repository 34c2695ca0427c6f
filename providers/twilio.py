"""Sends text messages by Twilio: Messages, and, if wanted, Verify for codes."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.util import make_headers

from domain.messages.messages import CODE_LIFETIME, Purpose
from domain.ports import NeverDeliverable, NotHandedOver, TextMessage
from providers.twilio_errors import CONFIGURATION, FATES, FULL
from providers.twilio_statuses import callback_url
from providers.wire import PATIENCE, Answer, Wire

BASE_URL = "https://api.twilio.com"


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """An account of Twilio, and what it sends from: a number, or a messaging service.

    `verify_service`: codes go out by Twilio Verify. `base_url`: another server that speaks both APIs.
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
        http = _Http(self.provider, account.base_url, patience)
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


class _Http(HttpClient):  # type: ignore[misc]  # the library comes without types
    """An HTTP client for many threads: Twilio's own gives one thread the answer to another thread's request."""

    def __init__(self, provider: str, base_url: str, patience: timedelta) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._base_url = base_url.rstrip("/")
        self._wire = Wire(provider, self._base_url or BASE_URL, patience)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> Response:
        """Ask once. Raises NotHandedOver, NeverDeliverable or LostAnswer."""
        credentials = make_headers(basic_auth=":".join(auth)) if auth else {}
        answer = self._wire.request(
            method,
            self._address(uri, params),
            headers={**(headers or {}), **credentials},
            body=urlencode(data, doseq=True).encode() if data else None,
        )
        if answer.status >= 300:
            self._refuse(answer)
        return Response(answer.status, answer.body.decode(errors="replace"), answer.headers)

    def _address(self, uri: str, params: Mapping[str, object] | None) -> str:
        path = f"{self._base_url}{urlsplit(uri).path}" if self._base_url else uri
        return f"{path}?{urlencode(params)}" if params else path

    def _refuse(self, answer: Answer) -> None:
        code = _code(answer.body)
        reason = f"twilio_{code or answer.status}"
        if code in FATES:
            raise NeverDeliverable(reason, fate=FATES[code])
        if code in FULL:
            raise NotHandedOver(reason, is_outage=False)
        if code in CONFIGURATION:
            self._wire.refuse_configuration(f"configuration_refused_{code}")
        self._wire.refuse(answer)
        raise NeverDeliverable(reason)


def _code(body: bytes) -> int | None:
    try:
        code = json.loads(body)["code"]
    except (ValueError, TypeError, KeyError):
        return None
    return code if isinstance(code, int) else None
