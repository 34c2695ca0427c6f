"""What helps somebody who has said that they cannot do it now."""

from dataclasses import dataclass

from domain.passkeys import CeremonyFailure
from domain.prompts import HELPED, CannotReason
from domain.words.failure_words import FAILURES
from services.container import Services
from services.people.visits import Person
from store.people import accounts, failed_ceremonies


@dataclass(frozen=True, kw_only=True)
class Help:
    """The reason that somebody has given, and in a sentence what failed on their device; empty if nothing did."""

    reason: CannotReason
    failure: str


def read(services: Services, person: Person) -> Help | None:
    """The help for the reason that the person has given last; None if they gave none that can be helped."""
    with services.database.reading() as session:
        reason = accounts.get(session, person.account_id).cannot_reason
        failures = failed_ceremonies.of_accounts(session, [person.account_id])
    if reason is None or CannotReason(reason) not in HELPED:
        return None
    name = failures[0].name if failures else None
    return Help(reason=CannotReason(reason), failure=FAILURES[CeremonyFailure(name)] if name else "")
