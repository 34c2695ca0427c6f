"""What happened at the host: CloudEvents 1.0, one by one or in batches."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.host import event_examples
from api.host.callers import TellsEvents
from api.host.named_requests import HostRoute
from api.web.arguments import RawBody, Use
from domain.host.events import EventOutcome, HostEvent, HostEventKind
from domain.host.words import MOST_AT_ONCE, BadEvent
from providers import cloud_events
from providers.cloud_events import MalformedEvent, ToldEvent
from services.host import event_bodies, events
from services.host.events import EventAnswer, Received, UnreadableEvent

router = APIRouter(route_class=HostRoute, tags=["events"])


class EventResult(BaseModel):
    """What became of one event."""

    source: str | None = Field(description="The event's own `source`; null if it cannot be read.")
    id: str | None = Field(description="The event's own `id`; null if it cannot be read.")
    outcome: EventOutcome | None = Field(
        description="`heeded`; `overtaken`: something later was known already, so it changed nothing; `ignored`: no "
        "account has this id, or this way of working does not ask for it. Null: it was refused, is not kept, and can "
        "be told again once it is mended."
    )
    reason: str | None = Field(
        description="Why it was refused, overtaken or ignored; null if nothing is to be said."
    )
    repeated: bool = Field(description="It was taken before; this is what became of it then.")
    case_url: str | None = Field(
        default=None,
        description="After `ticket.opened` and `ticket.closed`: the page of the person's case, for the ticket to lead "
        "to; staff alone can open it.",
    )


class EventResults(BaseModel):
    """What became of the events, in their order."""

    events: list[EventResult] = Field(description="One result for each event.")


class TooManyEvents(Exception):
    """A batch has more events than are taken at once."""


@router.post(
    "",
    status_code=202,
    summary="Tell what happened at the host",
    openapi_extra={"requestBody": event_examples.REQUEST_BODY},
)
def tell(request: Request, services: Use, _key: TellsEvents, body: RawBody) -> EventResults:
    """Take one event or a batch, in one transaction; once this is answered, they are on record.

    Each event is taken once, by its `source` and `id`, in any order: the newest by its own `time` counts. `subject` is
    the account's external id. A single event that is refused is answered by 422; in a batch the others are taken.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    received = [_received(each) for each in cloud_events.read(headers, body)]
    if len(received) > MOST_AT_ONCE:
        raise TooManyEvents
    answers = events.take(services, received)
    if not cloud_events.is_batch(headers) and answers[0].outcome is None:
        raise BadEvent(answers[0].reason)
    return _results(answers, origin=services.site.origin)


def _received(event: ToldEvent | MalformedEvent) -> Received:
    if isinstance(event, MalformedEvent):
        return UnreadableEvent(reason=event.reason, source=event.source, event_id=event.event_id)
    try:
        kind = _kind(event.type)
        data = event_bodies.checked(kind, event.data)
    except BadEvent as refusal:
        return UnreadableEvent(reason=str(refusal), source=event.source, event_id=event.event_id)
    return HostEvent(
        source=event.source,
        event_id=event.event_id,
        kind=kind,
        external_id=event.subject,
        at=event.at,
        data=data,
    )


def _kind(type_: str) -> HostEventKind:
    if type_ not in list(HostEventKind):
        raise BadEvent(f"type: it is none of {', '.join(HostEventKind)}")
    return HostEventKind(type_)


def _results(answers: Sequence[EventAnswer], *, origin: str) -> EventResults:
    return EventResults(events=[_result(answer, origin=origin) for answer in answers])


def _result(answer: EventAnswer, *, origin: str) -> EventResult:
    return EventResult(
        source=answer.source,
        id=answer.event_id,
        outcome=answer.outcome,
        reason=answer.reason or None,
        repeated=answer.is_repeated,
        case_url=f"{origin}/console/cases/{answer.case_of}" if answer.case_of else None,
    )
