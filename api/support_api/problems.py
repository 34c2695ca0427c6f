"""Refusals as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.staff.rights import BadKey, Forbidden, NoStaffSession, NotByKey, StepUpNeeded
from api.web.problems import (
    AWAY,
    BROKEN,
    MEDIA_TYPE,
    OVERTAKEN,
    TOO_LARGE,
    UNREADABLE,
    Problem,
    away,
    no_such_route,
    problem,
)
from domain.desk.acts import ActRefused
from domain.errors import Refused, Throttled, Unknown
from domain.evidence.packs import EvidenceRefused
from domain.staff.approvals import ApprovalRefused
from domain.staff.reasons import BadReason
from domain.staff.staff import DEEDS, roles_with
from services.request_notes import route_of
from store.engine.absences import DatabaseAway
from store.engine.database import CLASH, is_taken

log = structlog.get_logger()

_DESCRIBED = {
    400: "The request cannot be read: its body is no JSON, or holds text that no database keeps",
    401: "No key and no session, or one that is over",
    403: "Not with this role, or not by a key",
    404: "Nothing here has that id",
    409: "Not allowed now; `detail` says why",
    413: "The body is too large",
    422: "A field is missing or not as expected, or the reason cannot be kept",
    429: "Too often; `Retry-After` says when again",
    431: "The path, the query and the headers are too large together",
    500: "Something broke on our side; nothing is lost",
    503: "The records cannot be reached just now; `Retry-After` says when to ask again",
}

_EXAMPLES = {
    400: ("The request could not be read.", UNREADABLE),
    401: ("The key is unknown, ended or expired.", "no_key"),
    403: ("This key may not read accounts, their facts and what is next.", "scope_missing"),
    404: ("Nothing here has that id.", "unknown"),
    409: ("This cannot be done now. Nothing was changed.", "refused"),
    413: ("That was too large to be taken.", TOO_LARGE),
    422: ("Not as expected: email.", "malformed"),
    429: ("Too often; wait a little.", "throttled"),
    431: ("That was too large to be taken.", TOO_LARGE),
    500: ("Something broke on our side. Nothing that you had is lost.", BROKEN),
    503: (
        "The records cannot be reached just now. Nothing that you had is lost; ask again in a moment.",
        AWAY,
    ),
}


def _example(status: int) -> dict[str, Any]:
    detail, reason = _EXAMPLES[status]
    title = HTTPStatus(status).phrase
    return Problem(title=title, status=status, detail=detail, reason=reason).model_dump()


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema(), "example": _example(status)}},
    }
    for status, description in _DESCRIBED.items()
}
"""The refusals of every route, for the API's description."""


def explain(app: FastAPI) -> None:
    """Give every refusal its problem."""
    app.add_exception_handler(NoStaffSession, _signed_out)
    app.add_exception_handler(BadKey, _signed_out)
    app.add_exception_handler(StepUpNeeded, _step_up)
    app.add_exception_handler(NotByKey, _not_by_key)
    app.add_exception_handler(Forbidden, _forbidden)
    app.add_exception_handler(Throttled, _throttled)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CLASH, _overtaken)
    app.add_exception_handler(DatabaseAway, _away)
    app.add_exception_handler(Exception, _broken)


def _signed_out(_request: Request, error: Exception) -> Response:
    text = "The key is unknown, ended or expired." if isinstance(error, BadKey) else "Please bring a key."
    return problem(401, text, "signed_out", {"WWW-Authenticate": "Bearer"})


def _step_up(_request: Request, _error: Exception) -> Response:
    return problem(403, "This cannot be undone, so it takes a fresh ceremony at the console.", "step_up")


def _not_by_key(_request: Request, _error: Exception) -> Response:
    return problem(403, "This takes a person at the console, who shows who they are.", "not_by_key")


def _forbidden(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Forbidden):
        raise error
    roles = ", ".join(roles_with(error.right))
    text = f"To {DEEDS[error.right]} takes one of the roles {roles}; this is {error.staff.role}."
    return problem(403, text, "forbidden")


def _throttled(_request: Request, error: Exception) -> Response:
    seconds = error.retry_after if isinstance(error, Throttled) else 60
    return problem(429, "Too often; wait a little.", "throttled", {"Retry-After": str(seconds)})


def _refused(request: Request, error: Exception) -> Response:
    log.info("refused", route=route_of(request.scope), error=type(error).__name__)
    match error:
        case Unknown():
            return problem(404, "Nothing here has that id.", "unknown")
        case BadReason():
            return problem(422, str(error), "bad_reason")
        case ActRefused() | ApprovalRefused() | EvidenceRefused():
            return problem(409, error.reason, "not_allowed_now")
    return problem(409, "This cannot be done now. Nothing was changed.", "refused")


def _malformed(_request: Request, error: Exception) -> Response:
    mistakes = error.errors() if isinstance(error, RequestValidationError) else []
    fields = sorted({str(mistake["loc"][-1]) for mistake in mistakes})
    return problem(422, f"Not as expected: {', '.join(fields)}.", "malformed")


def _overtaken(request: Request, error: Exception) -> Response:
    if not is_taken(error):
        raise error
    log.info("overtaken", route=route_of(request.scope))
    return problem(409, "The same was done at the same moment. Nothing was done twice.", OVERTAKEN)


def _away(_request: Request, _error: Exception) -> Response:
    return away()


def _http(_request: Request, error: Exception) -> Response:
    """A path or a method that does not exist, or a body that could not be read to its end."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.BAD_REQUEST:
        return problem(status, "The request could not be read.", UNREADABLE)
    return no_such_route(status, getattr(error, "headers", None))


def _broken(request: Request, error: Exception) -> Response:
    log.error("request_failed", route=route_of(request.scope), error=type(error).__name__, exc_info=error)
    return problem(500, "Something broke on our side. Nothing that you had is lost.", BROKEN)
