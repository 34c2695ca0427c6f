"""Security events of CAEP and RISC, as signed tokens by push (RFC 8935): the signature is the authority, not a key."""

import math
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.web.arguments import RawBody, Use
from api.web.client_addresses import client_address
from api.web.problems import MEDIA_TYPE as PROBLEM_TYPE
from api.web.problems import problem
from domain.host.security_events import KeysAway, SetError, SetRefused
from services.host import security_events

router = APIRouter(tags=["events"])

MEDIA_TYPE = "application/secevent+jwt"

_KEYS_AWAY = "The keys of this issuer cannot be had now. Push the token again later."

_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "description": "One security event token (RFC 8417), signed by a registered transmitter.",
    "content": {
        MEDIA_TYPE: {"schema": {"type": "string", "description": "A JSON Web Token in its compact form."}}
    },
}
_ERROR: dict[str, Any] = {
    "description": "The token is not taken (RFC 8935, 2.4)",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["err", "description"],
                "properties": {
                    "err": {"type": "string", "enum": list(SetError), "description": "Why, for programs."},
                    "description": {"type": "string", "description": "Why, for people."},
                },
            },
            "example": {"err": "invalid_audience", "description": "the token is for another audience"},
        }
    },
}
_AWAY: dict[str, Any] = {
    "description": "The issuer's keys cannot be had now. Nothing is noted; push the token again after `Retry-After`",
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "In seconds."}},
    "content": {
        PROBLEM_TYPE: {
            "example": {
                "title": "Service Unavailable",
                "status": 503,
                "detail": _KEYS_AWAY,
                "reason": "keys_away",
            }
        }
    },
}


@router.post(
    "",
    status_code=202,
    summary="Push a security event",
    responses={202: {"description": "It is on record. The answer is empty."}, 400: _ERROR, 503: _AWAY},
    openapi_extra={"requestBody": _REQUEST_BODY, "security": []},
)
def push(request: Request, services: Use, body: RawBody) -> Response:
    """Take one token, once by its `jti`. A type from which nothing follows here is taken, too."""
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
            raise SetRefused(SetError.INVALID_REQUEST, f"the content type is not {MEDIA_TYPE}")
        security_events.take(services, body, address=client_address(request, services.site))
    except SetRefused as refusal:
        why = {"err": refusal.error, "description": refusal.description}
        return JSONResponse(why, status_code=400, headers={"content-language": "en"})
    except KeysAway as trouble:
        seconds = math.ceil(trouble.retry_after.total_seconds())
        return problem(503, _KEYS_AWAY, "keys_away", {"Retry-After": str(seconds)})
    return Response(status_code=202)
