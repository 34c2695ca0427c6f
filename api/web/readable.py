"""Lets in only what can be read and kept: JSON that is JSON, and text without NUL characters or lone surrogates.

PostgreSQL keeps no NUL in a text, and half of a surrogate pair has no UTF-8, so the requests that hold one end here and
not in each route. Numbers have their bounds in `api/web/bounds.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import structlog
from fastapi import Request
from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web import problems
from api.web.errors import answer
from api.web.explanations import LOST, MALFORMED, Explanation
from domain.host.streams import is_streamed
from services.request_notes import route_of

log = structlog.get_logger()

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

# A provider signs the bytes of its body. Its reader leaves out the one event that cannot be kept, not the whole batch.
_SIGNED = "/callbacks/"

# So does the reader of a host's events: one event that cannot be kept costs only itself.
_IN_BATCHES = "/v1/events"

# An even number of backslashes before it would only be backslashes, and a `u0000` as somebody typed it.
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NUL_IN_FORM = re.compile(rb"\0|%00")
_OTHER_CHARSET = re.compile(r";\s*charset\s*=(?!\s*\"?utf-?8\"?\s*(;|$))", re.IGNORECASE)

_UNREADABLE = replace(MALFORMED, reason=problems.UNREADABLE)


class OnlyReadable:
    """Refuses what no database could keep (400). It stands behind the guard that keeps bodies small."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if problem := _problem_of_address(scope):
            await _refuse(problem, scope, receive, send)
            return
        if scope["method"] in _WITHOUT_BODY or _is_read_elsewhere(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        if body and _is_unreadable_body(Headers(scope=scope).get("content-type", ""), body):
            await _refuse(_UNREADABLE, scope, receive, send)
            return
        await self._app(scope, partial(_once, iter([body]), receive), send)


def _is_read_elsewhere(scope: Scope) -> bool:
    """Whether a reader of its own leaves out what cannot be kept, and takes the rest."""
    method, path = scope["method"], scope["path"]
    return path.startswith(_SIGNED) or path == _IN_BATCHES or is_streamed(method=method, path=path)


def _problem_of_address(scope: Scope) -> Explanation | None:
    query: bytes = scope["query_string"]
    if "\0" in scope["path"]:
        return LOST
    return _UNREADABLE if not query.isascii() or _NUL_IN_FORM.search(query) else None


def _is_unreadable_body(content_type: str, body: bytes) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("multipart/"):
        return b"\0" in body or bool(_OTHER_CHARSET.search(content_type))
    if media_type.endswith(("/json", "+json")):
        return not _is_json(body) or bool(_NUL_IN_JSON.search(body))
    return bool(_NUL_IN_FORM.search(body))


def _is_json(body: bytes) -> bool:
    """Stricter than Python's own reader, which takes lone surrogates, other encodings and `NaN`."""
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError:
        return False
    return True


async def _refuse(explanation: Explanation, scope: Scope, receive: Receive, send: Send) -> None:
    log.info("unreadable", route=route_of(scope))
    # The answer does not read again what cannot be read.
    request = Request({**scope, "path": scope["path"].replace("\0", ""), "query_string": b""})
    await answer(request, explanation)(scope, receive, send)


async def _once(bodies: Iterable[bytes], receive: Receive) -> Message:
    """The body that was read; then what the server has to say."""
    for body in bodies:
        return {"type": "http.request", "body": body, "more_body": False}
    return await receive()
