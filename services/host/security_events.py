"""Takes security events of registered transmitters: each token once, and all that follows in one transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import structlog

from domain.host.events import EventOutcome
from domain.host.security_events import (
    EventSubject,
    KeysAway,
    SecurityEvent,
    SecurityEventKind,
    SetError,
    SetRefused,
    Transmission,
)
from services.container import Services
from services.host.security_effects import EFFECTS
from services.throttling import require_attempts
from store import Session
from store.host import event_counts, events, subjects, transmitters
from store.host.events import EventClaim, KeptOutcome
from store.people import accounts
from store.people.accounts import Account
from store.safety import disowning

log = structlog.get_logger()

REPEATED = "repeated"
NOTHING_FOLLOWS = "nothing follows from this type here"
NO_SUCH_ACCOUNT = "no account is meant"

_ABOUT_CONTACTS = frozenset({SecurityEventKind.IDENTIFIER_CHANGED, SecurityEventKind.IDENTIFIER_RECYCLED})


def take(services: Services, token: bytes, *, address: str) -> None:
    """Take a token that came from a network address. Raises SetRefused, KeysAway, and Throttled.

    A token that was taken before does nothing, and is no error: transmitters repeat what they got no answer to.
    """
    require_attempts(services, security_events_per_address=address)
    now = services.clock()
    event = _read(services, token, now=now)
    if event.kind in _ABOUT_CONTACTS and event.subject.contact is None:
        raise SetRefused(SetError.INVALID_REQUEST, "sub_id: this event is about an email or a phone_number")
    with services.database.transaction() as session:
        outcome = _take(session, event, now=now)
        transmitters.note_heard(session, event.issuer, at=now)
        event_counts.add(session, Counter({(event.kind or "other", outcome): 1}), at=now)
    log.info("security_event_taken", kind=event.kind or "other", outcome=outcome)


def _read(services: Services, token: bytes, *, now: datetime) -> SecurityEvent:
    try:
        return services.security_events.read(token, lambda issuer: _find(services, issuer), now=now)
    except KeysAway as trouble:
        log.warning("transmitter_keys_away", issuer=trouble.issuer)
        raise


def _find(services: Services, issuer: str) -> Transmission | None:
    with services.database.reading() as session:
        transmitter = transmitters.find(session, issuer)
        return transmitter.transmission if transmitter else None


def _take(session: Session, event: SecurityEvent, *, now: datetime) -> str:
    subjects.take_turn(session, changes_accounts=True)
    concerned = _concerned(session, event.subject) if event.kind else []
    claim = EventClaim(
        source=event.issuer,
        event_id=event.token_id,
        kind=event.kind or "other",
        account_id=concerned[0].account_id if concerned else None,
        at=event.at,
        outcome=EventOutcome.HEEDED if concerned else EventOutcome.IGNORED,
        reason="" if concerned else NO_SUCH_ACCOUNT if event.kind else NOTHING_FOLLOWS,
    )
    if not events.claim(session, [claim], now=now):
        return REPEATED
    if event.kind is None or not concerned:
        return claim.outcome
    outcomes = {EFFECTS[event.kind](session, account, event, now=now) for account in concerned}
    outcome = next(outcome for outcome in EventOutcome if outcome in outcomes)
    events.note_outcomes(session, {claim.name: KeptOutcome(outcome=outcome)})
    return outcome


def _concerned(session: Session, subject: EventSubject) -> Sequence[Account]:
    """The accounts that a subject means, locked in order; a contact means all who have it or lately had it."""
    if subject.external_id is not None:
        return list(subjects.lock(session, [subject.external_id]).values())
    if subject.channel is None or subject.contact is None:
        return []
    account_ids = disowning.owners(session, subject.channel, subject.contact)
    return [accounts.lock(session, account_id) for account_id in account_ids]
