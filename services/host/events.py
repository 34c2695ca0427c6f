"""Takes what hosts tell, many events in one transaction: each once, in any order, by the newest word of the host."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.host.events import TICKETS, EventOutcome, HostEvent
from domain.host.words import BadEvent, require_past
from services.container import Services
from services.host import event_taking
from services.host.event_taking import TakenEvents, name_of
from store.engine.absences import DatabaseAway
from store.host import event_counts

log = structlog.get_logger()

REFUSED = "refused"
REPEATED = "repeated"
UNREADABLE = "unreadable"
"""Words of the counts: two outcomes, and the kind of what cannot be read."""


@dataclass(frozen=True, kw_only=True)
class UnreadableEvent:
    """An event that cannot be read: its source and id, as far as they are known, and why."""

    reason: str
    source: str | None = None
    event_id: str | None = None


Received = HostEvent | UnreadableEvent


@dataclass(frozen=True, kw_only=True)
class EventAnswer:
    """What became of one event. `outcome` is None for one that was refused, which is not kept and may be told again.

    `is_repeated`: it was taken before, and this is what became of it then. `case_of` is the account whose case belongs
    to the ticket that it tells of.
    """

    source: str | None
    event_id: str | None
    outcome: EventOutcome | None
    reason: str = ""
    is_repeated: bool = False
    case_of: str | None = None


def take(services: Services, received: Sequence[Received]) -> list[EventAnswer]:
    """Take events in one transaction, and say of each what became of it, in their order.

    Raises DatabaseAway, and then nothing is kept. One event that breaks costs only
    itself: it is refused, and the others stay.
    """
    now = services.clock()
    try:
        return _take(services, received, now=now, is_careful=False)
    except DatabaseAway:
        raise
    except Exception as error:
        # The text of the error may contain values of a row, such as an address.
        log.warning("host_events_broken", events=len(received), error=type(error).__name__)
        return _take(services, received, now=now, is_careful=True)


def _take(
    services: Services, received: Sequence[Received], *, now: datetime, is_careful: bool
) -> list[EventAnswer]:
    refusals = [_refusal(each, now) for each in received]
    readable = [
        each
        for each, refusal in zip(received, refusals, strict=True)
        if isinstance(each, HostEvent) and refusal is None
    ]
    with services.database.transaction() as session:
        taken = event_taking.run(session, readable, now=now, is_careful=is_careful)
        answers = _answers(received, refusals, taken)
        times = Counter(_counted(each, answer) for each, answer in zip(received, answers, strict=True))
        event_counts.add(session, times, at=now)
    return answers


def _refusal(each: Received, now: datetime) -> str | None:
    if isinstance(each, UnreadableEvent):
        return each.reason
    try:
        require_past(each, now=now)
    except BadEvent as refusal:
        return str(refusal)
    return None


def _answers(
    received: Sequence[Received], refusals: Sequence[str | None], taken: TakenEvents
) -> list[EventAnswer]:
    answers, new_names = [], set(taken.new)
    for each, refusal in zip(received, refusals, strict=True):
        reason = refusal
        if isinstance(each, HostEvent) and reason is None:
            reason = taken.refused.get(name_of(each))
        if reason is not None or isinstance(each, UnreadableEvent):
            answers.append(_refused(each, reason or UNREADABLE))
            continue
        kept, is_first = taken.outcomes[name_of(each)], name_of(each) in new_names
        new_names.discard(name_of(each))
        answers.append(
            EventAnswer(
                source=each.source,
                event_id=each.event_id,
                outcome=kept.outcome,
                reason=kept.reason,
                is_repeated=not is_first,
                case_of=_case_of(each, kept.outcome, taken),
            )
        )
    return answers


def _case_of(event: HostEvent, outcome: EventOutcome, taken: TakenEvents) -> str | None:
    is_told = event.kind in TICKETS and outcome is not EventOutcome.IGNORED
    return taken.account_ids.get(name_of(event)) if is_told else None


def _refused(each: Received, reason: str) -> EventAnswer:
    return EventAnswer(source=each.source, event_id=each.event_id, outcome=None, reason=reason)


def _counted(each: Received, answer: EventAnswer) -> tuple[str, str]:
    kind = each.kind if isinstance(each, HostEvent) else UNREADABLE
    if answer.is_repeated:
        return kind, REPEATED
    return kind, answer.outcome or REFUSED
