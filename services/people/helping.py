"""What helps somebody who has said that they cannot do it now."""

from dataclasses import dataclass
from datetime import timedelta

from domain.facts import SmsState
from domain.passkeys import CeremonyFailure
from domain.prompts import HELPED, CannotReason
from domain.words.failure_words import FAILURES
from services.container import Services
from services.people.visits import Person
from store.people import accounts, failed_ceremonies

LATELY = timedelta(hours=1)
"""How long a failure is what somebody speaks of who says that it did not work."""


@dataclass(frozen=True, kw_only=True)
class Help:
    """The reason that somebody has given, and in a sentence what failed on their device lately, as far as it has told.

    `keeps_codes`: text-message codes work as before. `has_email`: an address is confirmed already.
    """

    reason: CannotReason
    failure: str
    keeps_codes: bool
    has_email: bool


def read(services: Services, person: Person) -> Help | None:
    """The help for the reason that the person has given last; None if they gave none that can be helped."""
    with services.database.reading() as session:
        account = accounts.get(session, person.account_id)
        failures = failed_ceremonies.of_accounts(session, [person.account_id])
    reason, since = account.cannot_reason, services.clock() - LATELY
    if reason is None or CannotReason(reason) not in HELPED:
        return None
    names = [failure.name for failure in failures if failure.at > since] or [CeremonyFailure.OTHER]
    return Help(
        reason=CannotReason(reason),
        failure=FAILURES[CeremonyFailure(names[0])],
        keeps_codes=account.sms == SmsState.ON and bool(account.phone),
        has_email=account.email_verified_at is not None,
    )
