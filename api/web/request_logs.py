"""Gives every request an id and one log line. The line has the route's pattern, for paths and queries hold tokens."""

import secrets
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services import request_notes
from services.request_notes import route_of

log = structlog.get_logger()

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_ONLY_LOOKS = "/v1/prompts"
"""The path that is asked at every sign-in of a host: it is a POST, and changes nothing."""


class RequestLogs:
    """Logs each answer: at `info` if the request may change something or failed with 5xx, otherwise at `debug`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under an id of its own. The answer names the id in `x-request-id`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        status = 500
        began_at = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        with request_notes.noting(request_id=request_id):
            try:
                await self._app(scope, receive, watch)
            finally:
                _tell(scope, status, milliseconds=round(1000 * (time.perf_counter() - began_at), 1))


def _tell(scope: Scope, status: int, *, milliseconds: float) -> None:
    changes = scope["method"] not in _SAFE_METHODS and scope["path"] != _ONLY_LOOKS
    tell = log.info if changes or status >= 500 else log.debug
    tell("answered", method=scope["method"], route=route_of(scope), status=status, milliseconds=milliseconds)
