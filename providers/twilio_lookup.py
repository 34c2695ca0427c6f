"""Asks Twilio Lookup (v2, package SIM Swap) when a number's SIM was last changed.

Once the package is enabled, Twilio bills each request, also if the carrier tells nothing. So only what was certainly
not billed may be asked again.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from twilio.rest import Client

from domain.ports import NeverDeliverable, NotHandedOver
from domain.safety.sim import SimReport
from providers.twilio import TwilioAccount
from providers.twilio_http import TwilioHttp
from providers.wire import PATIENCE

PACKAGE = "sim_swap"

NOT_ENABLED = frozenset({60606, 60619})
"""Errors that the operator has to mend, and that cost nothing: the package, or the region, is not enabled."""

_MAYBE_BILLED = frozenset({500, 502, 504})
"""Statuses of a failure in the middle: the carrier may have been asked."""

_PERIOD = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")


class TwilioLookup:
    """A SimChecker for any number of threads."""

    provider = "twilio"

    def __init__(self, account: TwilioAccount, *, patience: timedelta = PATIENCE) -> None:
        self._account = account
        http = TwilioHttp(self.provider, account.base_url, patience, lost=_MAYBE_BILLED)
        self._client = Client(account.account_sid, account.auth_token, http_client=http)

    def ask(self, phone: str) -> SimReport:
        """What the carrier tells of the SIM. Raises NotHandedOver if the question was certainly not billed."""
        try:
            number = self._client.lookups.v2.phone_numbers(phone).fetch(fields=PACKAGE)
        except NotHandedOver:
            raise
        except NeverDeliverable as refusal:
            return SimReport(reason=str(refusal))
        except Exception:  # any other error may have been billed
            return SimReport(reason="answer_lost")
        return _report(number.sim_swap)

    def check(self) -> str | None:
        """Why Twilio would not answer, as far as it says without a look-up; else None. Raises what `ask` raises."""
        account = self._client.api.v2010.accounts(self._account.account_sid).fetch()
        return None if account.status == "active" else f"the account is {account.status}"


def _report(package: Any) -> SimReport:
    if not isinstance(package, dict):
        return SimReport(reason="answer_lost")
    code = package.get("error_code")
    if code in NOT_ENABLED:
        raise NotHandedOver(f"twilio_configuration_refused_{code}")
    if code:
        return SimReport(reason=f"twilio_{code}")
    swap = package.get("last_sim_swap") or {}
    return SimReport(
        changed_at=_instant(swap.get("last_sim_swap_date")),
        changed_within=_flag(swap.get("swapped_in_period")),
        period=_duration(swap.get("swapped_period")),
        reason="carrier_tells_nothing",
    )


def _instant(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _duration(text: object) -> timedelta | None:
    """A duration in the part of ISO 8601 that Twilio uses, like PT48H; None if it is another or none."""
    match = _PERIOD.fullmatch(text) if isinstance(text, str) else None
    spans = {name: int(number) for name, number in match.groupdict().items() if number} if match else {}
    return timedelta(**spans) if spans else None
