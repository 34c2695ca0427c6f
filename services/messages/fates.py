"""Applies a provider's events about messages, in short transactions. Each event counts once, broken events never."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

import structlog

from domain.messages.callbacks import ProviderEvent
from domain.messages.messages import CONTACT_FAULTS
from services.container import Services
from store import Session
from store.engine.absences import DatabaseAway
from store.engine.database import savepoint
from store.messages import callback_counts, fates, provider_ids
from store.messages.fates import Noted

log = structlog.get_logger()

MOST_AT_ONCE = 100
"""Events per transaction. SQLite has one writer, and people sign in while a provider reports on a campaign."""


class PassedOver(StrEnum):
    """Why an event changed no message."""

    NOT_OURS = "not_ours"
    IGNORED = "ignored"
    BROKEN = "broken"


def hear(services: Services, provider: str, events: Sequence[ProviderEvent]) -> None:
    """Note what became of messages. Repeated, late and reordered events do no harm.

    Raises the database's own error when it does not answer; the batches before that stay noted.
    """
    now = services.clock()
    # Two batches that lock messages in one order do not wait for each other.
    in_order = sorted(_with_names(services, events), key=lambda event: (event.key or "", event.at))
    for batch in _batches(in_order):
        with services.database.transaction() as session:
            outcomes = Counter(_note(session, provider, event, now) for event in batch)
            for outcome, times in sorted(outcomes.items()):
                callback_counts.count(session, provider, outcome, times=times, at=now)


def _with_names(services: Services, events: Sequence[ProviderEvent]) -> Iterator[ProviderEvent]:
    """The events, each with the name that its message was sent by, as far as that can be found."""
    with services.database.reading() as session:
        for event in events:
            yield event if event.key else replace(event, key=_name(session, event))


def _name(session: Session, event: ProviderEvent) -> str | None:
    if name := provider_ids.name_of(session, event.provider_ids):
        return name
    # A mail server that gives an e-mail back late says where it went, and nothing else. The fault is the address's own.
    if event.address and event.fate in CONTACT_FAULTS:
        return provider_ids.latest_mailed_to(session, event.address, at=event.at)
    return None


def _batches(events: Sequence[ProviderEvent]) -> Iterator[Sequence[ProviderEvent]]:
    for start in range(0, len(events), MOST_AT_ONCE):
        yield events[start : start + MOST_AT_ONCE]


def _note(session: Session, provider: str, event: ProviderEvent, now: datetime) -> Noted | PassedOver:
    if event.key is None:
        return PassedOver.NOT_OURS
    if event.fate is None and not event.resumes:
        return PassedOver.IGNORED
    # A provider's clock may be ahead, but no event happened in the future.
    at = min(event.at, now)
    try:
        with savepoint(session):
            if event.fate is None:
                return fates.note_wanted_again(session, event.key, reason=event.reason, at=at)
            return fates.note(session, event.key, event.fate, reason=event.reason, at=at)
    except DatabaseAway:
        raise
    except Exception as error:
        # The text of the error may contain values of the row, such as an address.
        log.error("callback_event_broken", provider=provider, error=type(error).__name__)
        return PassedOver.BROKEN
