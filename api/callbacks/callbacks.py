"""Where providers report what became of messages. Only a signature lets a request in; no answer says why not."""

from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from api.web.arguments import Use
from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent
from services.container import Services
from services.messages import fates
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
        events = [_twilio_event(request, services, body, services.clock())]
    except BadSignature as refusal:
        return _refused(TWILIO, refusal)
    return _heard(services, TWILIO, events)


def _sendgrid_events(request: Request, services: Services, body: bytes) -> list[ProviderEvent]:
    if services.sendgrid_events is None:
        raise HTTPException(404)
    return services.sendgrid_events.read(
        body=body,
        signature=request.headers.get("x-twilio-email-event-webhook-signature", ""),
        timestamp=request.headers.get("x-twilio-email-event-webhook-timestamp", ""),
        now=services.clock(),
    )


def _twilio_event(request: Request, services: Services, body: bytes, now: datetime) -> ProviderEvent:
    if services.twilio_statuses is None:
        raise HTTPException(404)
    return services.twilio_statuses.read(
        # Twilio signs the URL that it was given. Behind a proxy, a request arrives under another URL.
        url=f"{services.site.origin}{request.url.path}?{request.url.query}",
        fields=dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)),
        signature=request.headers.get("x-twilio-signature", ""),
        now=now,
    )


def _heard(services: Services, provider: str, events: list[ProviderEvent]) -> Response:
    try:
        fates.hear(services, provider, events)
    except UNREACHABLE as error:
        log.error("callback_not_noted", provider=provider, error=type(error).__name__)
        return Response(status_code=503)  # SendGrid repeats it for a day
    return Response(status_code=204)


def _refused(provider: str, refusal: BadSignature) -> Response:
    log.warning("callback_refused", provider=provider, reason=refusal.reason)
    return Response(status_code=403)
