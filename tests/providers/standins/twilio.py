"""What Twilio's Messages, Verify and Lookup check and answer."""

import re
import uuid
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.providers.standins.exchange import E164, Answered, Asked, is_public_url
from tests.providers.standins.taken import Taken

TWILIO_SID = "AC" + "0" * 32
TWILIO_TOKEN = "a-token-of-the-tests"
MESSAGING_SERVICE = "MG" + "1" * 32
VERIFY_SERVICE = "VA" + "2" * 32

ACCOUNT = f"/2010-04-01/Accounts/{TWILIO_SID}"
SERVICE = f"/v2/Services/{VERIFY_SERVICE}"
NUMBERS = "/v2/PhoneNumbers/"
SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{5,6}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
MOST_VERIFICATIONS = 5


class Twilio:
    """One account. `refused` maps numbers to the error codes that sending to them meets.

    `sims` maps numbers to the package that Lookup answers with; `looked_up` counts what was billed.
    """

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        self.status = "active"
        self.takes_custom_codes = True
        self.sims: dict[str, dict[str, Any]] = {}
        self.looked_up: Counter[str] = Counter()
        self._verifications: Counter[str] = Counter()

    def answer(self, request: Asked) -> Answered:
        """The answer of `api.twilio.com`, `verify.twilio.com` and `lookups.twilio.com`."""
        if request.basic != f"{TWILIO_SID}:{TWILIO_TOKEN}":
            return _error(401, 20003)
        if request.method == "GET" and request.path.startswith(NUMBERS):
            return self._look_up(request)
        routes = {
            ("GET", f"{ACCOUNT}.json"): self._account,
            ("GET", SERVICE): self._service,
            ("POST", f"{ACCOUNT}/Messages.json"): self._message,
            ("POST", f"{SERVICE}/Verifications"): self._verification,
        }
        route = routes.get((request.method, request.path))
        return route(request) if route else _error(404, 20404)

    def _look_up(self, request: Asked) -> Answered:
        phone = unquote(request.path.removeprefix(NUMBERS))
        if request.query.get("Fields") != "sim_swap" or not E164.fullmatch(phone):
            return _error(400, 60600)
        self.looked_up[phone] += 1
        package = {"carrier_name": "A carrier", "error_code": None} | self.sims.get(phone, {})
        return Answered(status=200, body={"phone_number": phone, "valid": True, "sim_swap": package})

    def _account(self, _: Asked) -> Answered:
        return Answered(status=200, body={"sid": TWILIO_SID, "status": self.status})

    def _service(self, _: Asked) -> Answered:
        body = {"sid": VERIFY_SERVICE, "custom_code_enabled": self.takes_custom_codes}
        return Answered(status=200, body=body)

    def _message(self, request: Asked) -> Answered:
        form = request.form
        if code := _flaw(form) or self.refused.get(form["To"]):
            return _error(400, code)
        callback = form.get("StatusCallback", "")
        taken = Taken(
            provider="twilio",
            key=parse_qs(urlsplit(callback).query).get("message", [""])[0],
            to=form["To"],
            fields=form,
        )
        body = {"sid": f"SM{uuid.uuid4().hex}", "status": "queued", "error_code": None, "to": form["To"]}
        return Answered(status=201, body=body, taken=taken)

    def _verification(self, request: Asked) -> Answered:
        form = request.form
        to, code = form.get("To", ""), form.get("CustomCode", "")
        if not E164.fullmatch(to) or form.get("Channel") != "sms" or not 4 <= len(code) <= 10:
            return _error(400, 60200)
        if not self.takes_custom_codes:
            return _error(403, 60204)
        if to in self.refused:
            return _error(403, self.refused[to])
        self._verifications[to] += 1
        if self._verifications[to] > MOST_VERIFICATIONS:
            return _error(429, 60203)
        taken = Taken(provider="twilio_verify", key="", to=to, fields=form)
        body = {"sid": f"VE{uuid.uuid4().hex}", "status": "pending", "to": to, "channel": "sms"}
        return Answered(status=201, body=body, taken=taken)


def _flaw(form: dict[str, str]) -> int | None:
    """The error code of the first thing that is wrong with a message."""
    sender, service, callback = form.get("From"), form.get("MessagingServiceSid"), form.get("StatusCallback")
    flaws = {
        21604: not form.get("To"),
        21211: not E164.fullmatch(form.get("To", "")),
        21602: not form.get("Body"),
        21617: len(form.get("Body", "")) > 1600,
        21603: not sender and not service,
        21212: bool(sender and (service or not SENDER.fullmatch(sender))),
        21705: bool(service and service != MESSAGING_SERVICE),
        21609: bool(callback and (len(callback) > 4000 or not is_public_url(callback))),
        21716: not 1 <= int(form.get("ValidityPeriod", 36000)) <= 36000,
    }
    return next((code for code, has_flaw in flaws.items() if has_flaw), None)


def _error(status: int, code: int) -> Answered:
    words = {"code": code, "message": f"error {code}", "more_info": "", "status": status}
    return Answered(status=status, body=words)
