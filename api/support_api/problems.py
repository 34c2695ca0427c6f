"""Refusals as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.staff.rights import BadKey, Forbidden, NoStaffSession, NotByKey, StepUpNeeded
from domain.desk.acts import ActRefused
from domain.errors import Refused, Throttled, Unknown
from domain.staff.approvals import ApprovalRefused
from domain.staff.reasons import BadReason
from domain.staff.staff import DEEDS, roles_with
from services.request_notes import route_of

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Why nothing was done."""

    title: str = Field(description="The kind of problem, in a few words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened and what to do, for a person at the desk.")
    reason: str = Field(description="The same for programs; does not change.")


_DESCRIBED = {
    401: "No key and no session, or one that is over",
    403: "Not with this role, or not by a key",
    404: "Nothing here has that id",
    409: "Not allowed now; `detail` says why",
    422: "The request cannot be read, or its reason cannot be kept",
    429: "Too often; `Retry-After` says when again",
}

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": description, "model": Problem, "content": {MEDIA_TYPE: {}}}
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
    app.add_exception_handler(Exception, _broken)


def _answer(status: int, detail: str, reason: str, headers: dict[str, str] | None = None) -> Response:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, reason=reason)
    return JSONResponse(problem.model_dump(), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _signed_out(_request: Request, error: Exception) -> Response:
    text = "The key is unknown, ended or expired." if isinstance(error, BadKey) else "Please bring a key."
    return _answer(401, text, "signed_out", {"WWW-Authenticate": "Bearer"})


def _step_up(_request: Request, _error: Exception) -> Response:
    return _answer(403, "This cannot be undone, so it takes a fresh ceremony at the console.", "step_up")


def _not_by_key(_request: Request, _error: Exception) -> Response:
    return _answer(403, "This takes a person at the console, who shows who they are.", "not_by_key")


def _forbidden(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Forbidden):
        raise error
    roles = ", ".join(roles_with(error.right))
    text = f"To {DEEDS[error.right]} takes one of the roles {roles}; this is {error.staff.role}."
    return _answer(403, text, "forbidden")


def _throttled(_request: Request, error: Exception) -> Response:
    seconds = error.retry_after if isinstance(error, Throttled) else 60
    return _answer(429, "Too often; wait a little.", "throttled", {"Retry-After": str(seconds)})


def _refused(request: Request, error: Exception) -> Response:
    log.info("refused", route=route_of(request.scope), error=type(error).__name__)
    match error:
        case Unknown():
            return _answer(404, "Nothing here has that id.", "unknown")
        case BadReason():
            return _answer(422, str(error), "bad_reason")
        case ActRefused() | ApprovalRefused():
            return _answer(409, error.reason, "not_allowed_now")
    return _answer(409, "This cannot be done now. Nothing was changed.", "refused")


def _malformed(_request: Request, error: Exception) -> Response:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    fields = sorted({str(problem["loc"][-1]) for problem in problems})
    return _answer(422, f"Not as expected: {', '.join(fields)}.", "malformed")


def _http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    return _answer(status, "There is nothing here that can be done so.", "no_such_route", headers)


def _broken(request: Request, error: Exception) -> Response:
    log.error("request_failed", route=route_of(request.scope), error=type(error).__name__, exc_info=error)
    return _answer(500, "Something broke on our side. Nothing that you had is lost.", "broken")
