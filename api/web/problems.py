"""Refusals below `/v1` as problem details (RFC 9457), whoever refuses: the API itself, or a guard in front of it."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.types import Scope

TAKES_KEYS = "/v1/"
"""The paths of the JSON API, where other desks send a key of their own."""

MEDIA_TYPE = "application/problem+json"

NO_SUCH_ROUTE = "no_such_route"
UNREADABLE = "unreadable"
TOO_LARGE = "too_large"
OTHER_SITE = "other_site"
OVERTAKEN = "overtaken"
BROKEN = "broken"
AWAY = "away"

COME_AGAIN = {"Retry-After": "10"}
"""Seconds after which it is worth asking again for what needs the database, while that cannot be used."""


class Problem(BaseModel):
    """Why nothing was done."""

    title: str = Field(description="The kind of problem, in a few words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened and what to do, for a person at the desk.")
    reason: str = Field(description="The same for programs; does not change.")


def problem(status: int, detail: str, reason: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that tells of a problem."""
    content = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, reason=reason)
    return JSONResponse(content.model_dump(), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def away() -> Response:
    """The problem of whoever asks while the database cannot be used."""
    detail = "The records cannot be reached just now. Nothing that you had is lost; ask again in a moment."
    return problem(503, detail, AWAY, COME_AGAIN)


def no_such_route(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The problem of a path or a method that does not exist."""
    return problem(status, "There is nothing here that can be done so.", NO_SUCH_ROUTE, headers)


def plain_refusal(scope: Scope, status: int, text: str, reason: str) -> Response:
    """A refusal of a request that no page of ours has sent: a problem below `/v1`, elsewhere a line of text."""
    if is_below_keys(scope):
        return problem(status, text, reason)
    return PlainTextResponse(text + "\n", status_code=status)


def is_below_keys(scope: Scope) -> bool:
    """Whether a path is one of the JSON API, also when nothing answers there."""
    path: str = scope["path"]
    return f"{path}/".startswith(TAKES_KEYS)
