"""Requests of Twilio's library, sent by `providers.wire`, and what Twilio's refusals mean."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.util import make_headers

from domain.ports import NeverDeliverable, NotHandedOver
from providers.twilio_errors import CONFIGURATION, FULL, fate_of
from providers.wire import Answer, LostAnswer, Wire

BASE_URL = "https://api.twilio.com"
_MESSAGES = "/Messages.json"


class TwilioHttp(HttpClient):  # type: ignore[misc]  # the library comes without types
    """An HTTP client for many threads: Twilio's own gives one thread the answer to another thread's request."""

    def __init__(
        self,
        provider: str,
        base_url: str,
        patience: timedelta,
        *,
        lost: frozenset[int] = frozenset(),
        codes_go_elsewhere: bool = False,
    ) -> None:
        """`lost` are statuses after which nobody knows whether Twilio did what was asked.

        `codes_go_elsewhere`: codes go by Verify, which STOP to the sender of other texts does not close.
        """
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._lost = lost
        self._codes_go_elsewhere = codes_go_elsewhere
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
            self._refuse(answer, is_code=not urlsplit(uri).path.endswith(_MESSAGES))
        return Response(answer.status, answer.body.decode(errors="replace"), answer.headers)

    def _address(self, uri: str, params: Mapping[str, object] | None) -> str:
        path = f"{self._base_url}{urlsplit(uri).path}" if self._base_url else uri
        return f"{path}?{urlencode(params)}" if params else path

    def _refuse(self, answer: Answer, *, is_code: bool) -> None:
        code = _code(answer.body)
        reason = f"twilio_{code or answer.status}"
        if answer.status in self._lost:
            raise LostAnswer(reason)
        if code and (fate := fate_of(code, codes_go_elsewhere=self._codes_go_elsewhere and not is_code)):
            raise NeverDeliverable(reason, fate=fate)
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
