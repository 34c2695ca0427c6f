"""Refusals below SCIM's paths in SCIM's own format (RFC 7644, 3.12), whoever refuses: pure ASGI, around all guards."""

import json

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web import problems
from providers.scim import MEDIA_TYPE, write_error
from providers.scim_users import ScimError

PATH = "/v1/scim/"

_KINDS = {
    "bad_account": ScimError.INVALID_VALUE,
    "contact_stays": ScimError.MUTABILITY,
    "malformed": ScimError.INVALID_SYNTAX,
    problems.UNREADABLE: ScimError.INVALID_SYNTAX,
    problems.OVERTAKEN: ScimError.UNIQUENESS,
    **{kind.value: kind for kind in ScimError},
}
"""What SCIM calls the reasons of problems."""

_BAD_REQUESTS = (ScimError.INVALID_VALUE, ScimError.MUTABILITY, ScimError.INVALID_SYNTAX)


class ScimErrors:
    """Writes every problem below SCIM's paths anew."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(PATH):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Rewriter(send).send)


class _Rewriter:
    """Holds a problem back until it is whole; every other answer goes through."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_rewritten(self._start)

    async def _send_rewritten(self, start: Message) -> None:
        problem = json.loads(self._body) if self._body else {}
        kind = _KINDS.get(problem.get("reason", ""), "")
        status = 400 if kind in _BAD_REQUESTS else start["status"]
        body = json.dumps(write_error(status, problem.get("detail", ""), kind)).encode()
        kept = [
            (name, value)
            for name, value in start["headers"]
            if name.lower() not in (b"content-type", b"content-length")
        ]
        own = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", b"%d" % len(body))]
        await self._send({**start, "status": status, "headers": [*kept, *own]})
        # The answer to HEAD has no body, but all the headers of one.
        await self._send({"type": "http.response.body", "body": body if self._body else b""})


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(problems.MEDIA_TYPE)
