"""Where providers report what became of messages. Only a signature lets a request in; no answer says why not."""

from typing import Any
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from api.web.arguments import RawBody, Use
from domain.errors import BadSignature
from domain.messages.callbacks import ProviderEvent
from services.container import Services
from services.messages import fates, replies

log = structlog.get_logger()

router = APIRouter()

SENDGRID = "sendgrid"
TWILIO = "twilio"


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
    if reply:
        replies.hear(services, reply)
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
    fates.hear(services, provider, events)
    return Response(status_code=204)


def _refused(provider: str, refusal: BadSignature) -> Response:
    log.warning("callback_refused", provider=provider, reason=refusal.reason)
    return Response(status_code=403)
