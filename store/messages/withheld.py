"""Counts the texts that a provider did not carry for a reason that no number is to blame for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from domain.journal import EventKind
from store.people.journal import JournalEntry

LATELY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """How many messages were not carried lately: the provider's code, and the country of their numbers."""

    reason: str
    country: str
    times: int


def lately(session: Session, *, at: datetime) -> list[Withheld]:
    """What was not carried within the last day, the most frequent first."""
    detail = col(JournalEntry.detail)
    entries = (
        select(detail["reason"].as_string().label("reason"), detail["country"].as_string().label("country"))
        .where(JournalEntry.kind == EventKind.MESSAGE_WITHHELD, col(JournalEntry.at) > at - LATELY)
        .subquery()
    )
    query = select(entries.c.reason, entries.c.country, func.count()).group_by(
        entries.c.reason, entries.c.country
    )
    counted = [
        Withheld(reason=reason, country=country or "", times=times)
        for reason, country, times in session.exec(query)
    ]
    return sorted(counted, key=lambda withheld: (-withheld.times, withheld.reason, withheld.country))
