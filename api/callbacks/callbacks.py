"""Where providers report what became of messages. Only a signature lets a request in; no answer says why not."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from api.web.arguments import Use
from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent
from services.container import Services
from services.messages import fates, replies
from store.engine.database import UNREACHABLE

log = structlog.get_logger()

router = APIRouter()

SENDGRID = "sendgrid"
TWILIO = "twilio"


async def _raw_body(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw_body)]
"""The body, byte for byte, because signatures cover the bytes."""


@router.post("/callbacks/sendgrid")
def hear_sendgrid(request: Request, services: Use, body: RawBody) -> Response:
    """A batch of events from SendGrid's signed event webhook."""
    try:
        events = _sendgrid_events(request, services, body)
    except BadSignature as refusal:
        return _refused(SENDGRID, refusal)
    return _heard(services, SENDGRID, events)


@router.post("/callbacks/twilio")
def hear_twilio(request: Request, services: Use, body: RawBody) -> Response:
    """One status of one message from Twilio; the query names the message, and is signed too."""
    try:
        events = [_twilio_event(request, services, body)]
    except BadSignature as refusal:
        return _refused(TWILIO, refusal)
    return _heard(services, TWILIO, events)


@router.post("/callbacks/twilio/incoming")
def hear_answer(request: Request, services: Use, body: RawBody) -> Response:
    """A text that somebody sent to the number that texts come from. Empty TwiML means that nothing is texted back."""
    if services.twilio_statuses is None:
        raise HTTPException(404)
    try:
        reply = services.twilio_statuses.read_reply(**_signed(request, services, body))
    except BadSignature as refusal:
        return _refused(TWILIO, refusal)
    try:
        if reply:
            replies.hear(services, reply)
    except UNREACHABLE as error:
        return _not_noted(TWILIO, error)
    return Response("<Response/>", media_type="text/xml")


def _sendgrid_events(request: Request, services: Services, body: bytes) -> list[ProviderEvent]:
    if services.sendgrid_events is None:
        raise HTTPException(404)
    return services.sendgrid_events.read(
        body=body,
        signature=request.headers.get("x-twilio-email-event-webhook-signature", ""),
        timestamp=request.headers.get("x-twilio-email-event-webhook-timestamp", ""),
        now=services.clock(),
    )


def _twilio_event(request: Request, services: Services, body: bytes) -> ProviderEvent:
    if services.twilio_statuses is None:
        raise HTTPException(404)
    return services.twilio_statuses.read(**_signed(request, services, body))


def _signed(request: Request, services: Services, body: bytes) -> dict[str, Any]:
    """What Twilio's signature covers, and the time."""
    query = f"?{request.url.query}" if request.url.query else ""
    return {
        # Twilio signs the URL that it was given. Behind a proxy, a request arrives under another URL.
        "url": f"{services.site.origin}{request.url.path}{query}",
        "fields": dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)),
        "signature": request.headers.get("x-twilio-signature", ""),
        "now": services.clock(),
    }


def _heard(services: Services, provider: str, events: list[ProviderEvent]) -> Response:
    try:
        fates.hear(services, provider, events)
    except UNREACHABLE as error:
        return _not_noted(provider, error)
    return Response(status_code=204)


def _not_noted(provider: str, error: Exception) -> Response:
    log.error("callback_not_noted", provider=provider, error=type(error).__name__)
    return Response(status_code=503)  # SendGrid repeats it for a day


def _refused(provider: str, refusal: BadSignature) -> Response:
    log.warning("callback_refused", provider=provider, reason=refusal.reason)
    return Response(status_code=403)
