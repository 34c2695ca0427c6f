"""Applies what a provider tells of messages: in short transactions, each event once, the broken ones left out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

import structlog

from domain.messages.callbacks import ProviderEvent
from services.container import Services
from store import Session
from store.engine.database import UNREACHABLE, savepoint
from store.messages import callback_counts, fates
from store.messages.fates import Noted

log = structlog.get_logger()

MOST_AT_ONCE = 100
"""Events a transaction. SQLite has one writer, and people sign in while a provider tells of a campaign."""


class PassedOver(StrEnum):
    """What an event came to that no message heard of."""

    NOT_OURS = "not_ours"
    IGNORED = "ignored"
    BROKEN = "broken"


def hear(services: Services, provider: str, events: Sequence[ProviderEvent]) -> None:
    """Note what became of messages. An event that came before, late or out of order does no harm.

    Raises what the database raises when it does not answer; what was noted until then stays noted.
    """
    now = services.clock()
    # In one order everywhere, so that two batches do not wait for each other's messages.
    in_order = sorted(events, key=lambda event: (event.key or "", event.at))
    for batch in _batches(in_order):
        with services.database.transaction() as session:
            outcomes = Counter(_note(session, provider, event, now) for event in batch)
            for outcome, times in sorted(outcomes.items()):
                callback_counts.count(session, provider, outcome, times=times, at=now)


def _batches(events: Sequence[ProviderEvent]) -> Iterator[Sequence[ProviderEvent]]:
    for start in range(0, len(events), MOST_AT_ONCE):
        yield events[start : start + MOST_AT_ONCE]


def _note(session: Session, provider: str, event: ProviderEvent, now: datetime) -> Noted | PassedOver:
    if event.key is None:
        return PassedOver.NOT_OURS
    if event.fate is None:
        return PassedOver.IGNORED
    # A provider's clock may be ahead; nothing has happened before it has.
    at = min(event.at, now)
    try:
        with savepoint(session):
            return fates.note(session, event.key, event.fate, reason=event.reason, at=at)
    except UNREACHABLE:
        raise
    except Exception as error:
        # The error itself may repeat what was to be written, an address for one.
        log.error("callback_event_broken", provider=provider, error=type(error).__name__)
        return PassedOver.BROKEN
