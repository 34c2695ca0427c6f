"""One transaction's work on a host's events: they are claimed together, and heeded one by one, the oldest first."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from domain.host.events import EventOutcome, HostEvent
from domain.host.words import BadEvent, comes_too_late
from services.host.event_handlers import CHANGES_ACCOUNTS, HANDLERS
from store import Session
from store.engine.absences import DatabaseAway
from store.engine.database import savepoint
from store.host import events, subjects
from store.host.events import EventClaim, EventName, KeptOutcome
from store.journeys import heard_accounts
from store.people.accounts import Account

log = structlog.get_logger()

NO_SUCH_ACCOUNT = "no account has this id"
NOT_HERE = "this way of working does not ask for it"
TOO_LATE = "it happened too long ago to matter"
BROKEN = "something broke on our side; tell it again"


@dataclass(frozen=True, kw_only=True)
class TakenEvents:
    """What became of events, by name. Those in `refused` are not kept; those that are not `new` were taken before.

    `account_ids`: about which account each of them is, as far as the accounts are here.
    """

    new: frozenset[EventName]
    outcomes: dict[EventName, KeptOutcome] = field(default_factory=dict)
    refused: dict[EventName, str] = field(default_factory=dict)
    account_ids: dict[EventName, str] = field(default_factory=dict)


def name_of(event: HostEvent) -> EventName:
    """What names an event for ever."""
    return EventName(source=event.source, event_id=event.event_id)


def run(session: Session, received: Sequence[HostEvent], *, now: datetime, is_careful: bool) -> TakenEvents:
    """Take events; of several with one name, the first counts.

    `is_careful`: each event has a savepoint of its own, which costs time; then one that breaks is refused, and the
    others stay. Otherwise its error is raised.
    """
    by_name = {name_of(event): event for event in reversed(received)}
    kinds = {event.kind for event in by_name.values()}
    subjects.take_turn(session, changes_accounts=bool(kinds & CHANGES_ACCOUNTS))
    accounts = subjects.lock(session, {event.external_id for event in by_name.values()})
    claims = {
        name: _claim(event, accounts.get(event.external_id), now=now) for name, event in by_name.items()
    }
    taken = TakenEvents(new=events.claim(session, claims.values(), now=now))
    taken.account_ids.update((name, claim.account_id) for name, claim in claims.items() if claim.account_id)
    if repeated := [name for name in by_name if name not in taken.new]:
        taken.outcomes.update(events.outcomes(session, repeated))
    new_events = sorted(
        (by_name[name] for name in taken.new), key=lambda event: (event.at, event.event_id, event.source)
    )
    _heed(session, new_events, claims, accounts, taken, now=now, is_careful=is_careful)
    return taken


def _claim(event: HostEvent, account: Account | None, *, now: datetime) -> EventClaim:
    outcome, reason = _foreseen(event, account, now=now)
    return EventClaim(
        source=event.source,
        event_id=event.event_id,
        kind=event.kind,
        account_id=account.account_id if account else None,
        at=event.at,
        outcome=outcome,
        reason=reason,
    )


def _foreseen(event: HostEvent, account: Account | None, *, now: datetime) -> tuple[EventOutcome, str]:
    """What will have become of an event unless its handler says something else."""
    if account is None:
        return EventOutcome.IGNORED, NO_SUCH_ACCOUNT
    if event.kind not in HANDLERS:
        return EventOutcome.IGNORED, NOT_HERE
    if comes_too_late(event, now=now):
        return EventOutcome.OVERTAKEN, TOO_LATE
    return EventOutcome.HEEDED, ""


def _heed(
    session: Session,
    oldest_first: Sequence[HostEvent],
    claims: Mapping[EventName, EventClaim],
    accounts: Mapping[str, Account],
    taken: TakenEvents,
    *,
    now: datetime,
    is_careful: bool,
) -> None:
    foreseen = {
        name: KeptOutcome(outcome=claim.outcome, reason=claim.reason) for name, claim in claims.items()
    }
    heedable = [event for event in oldest_first if claims[name_of(event)].outcome is EventOutcome.HEEDED]
    taken.outcomes.update((name, foreseen[name]) for name in taken.new)
    account_ids = {accounts[event.external_id].account_id for event in heedable}
    # Held until the end, so that nothing is read twice.
    gathered = heard_accounts.gather(session, account_ids)
    for event in heedable:
        name, account = name_of(event), accounts[event.external_id]
        if account.external_id != event.external_id:  # an event before this one has deleted it
            taken.outcomes[name] = KeptOutcome(outcome=EventOutcome.IGNORED, reason=NO_SUCH_ACCOUNT)
            continue
        _heed_one(session, account, event, taken, now=now, is_careful=is_careful)
    heard_accounts.write(session, gathered.values())
    changed = {name for name in taken.new if taken.outcomes[name] != foreseen[name]}
    events.note_outcomes(session, {name: taken.outcomes[name] for name in changed})
    events.release(session, list(taken.refused))


def _heed_one(
    session: Session,
    account: Account,
    event: HostEvent,
    taken: TakenEvents,
    *,
    now: datetime,
    is_careful: bool,
) -> None:
    """Let an event's handler heed it, and note what became of that."""
    name = name_of(event)
    try:
        with _guard(session, is_careful=is_careful):
            outcome = HANDLERS[event.kind](session, account, event, now=now)
        taken.outcomes[name] = KeptOutcome(outcome=outcome)
    except BadEvent as refusal:
        taken.refused[name] = str(refusal)
    except DatabaseAway:
        raise
    except Exception as error:
        if not is_careful:
            raise
        # The text of the error may contain values of the row, such as an address.
        log.error("host_event_broken", kind=event.kind, error=type(error).__name__)
        taken.refused[name] = BROKEN


def _guard(session: Session, *, is_careful: bool) -> AbstractContextManager[None]:
    return savepoint(session) if is_careful else nullcontext()
