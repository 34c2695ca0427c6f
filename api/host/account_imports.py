"""Many accounts at once, as a stream that is answered while it comes."""

import json
from dataclasses import asdict
from typing import Annotated, Any, BinaryIO, cast

from anyio import from_thread, to_thread
from fastapi import APIRouter, Query
from fastapi.responses import Response
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api.host.callers import WritesAccounts
from api.web.arguments import Use
from api.web.bounds import MOST
from services.container import Services
from services.imports.streaming import LineRemark, StreamImport, StreamProgress

# An import may be sent again as it is, so it needs no name of its own; a name's fingerprint would take all of the body.
router = APIRouter(tags=["accounts"])

NDJSON = "application/x-ndjson"

_SENT = """{"external_id": "u-1", "phone": {"value": "+442079460101", "verified": true}}
{"external_id": "u-2", "phone": "020 7946 0102"}
"""
_ANSWERED = """{"line": 2, "refused": "phone: it needs a country code"}
{"committed_line": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1, "done": true}
"""


def _lines(description: str, example: str) -> dict[str, Any]:
    return {NDJSON: {"schema": {"type": "string", "description": description}, "example": example}}


_TAKES = {
    "requestBody": {
        "required": True,
        "content": _lines(
            "One account a line, as an object with `external_id` and what else PUT takes.", _SENT
        ),
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Lines that come while the request is read; the last one has `done`",
        "content": _lines("Remarks on lines, and how far the import is.", _ANSWERED),
    }
}


@router.post("/imports", openapi_extra=_TAKES, response_class=Response, responses=_ANSWERS)
def take(
    services: Use,
    _key: WritesAccounts,
    after_line: Annotated[
        int, Query(ge=0, le=MOST, description="Read over the lines up to this one: they came before.")
    ] = 0,
) -> Response:
    """Tell of any number of accounts. Every line that is bad is told with its reason, and costs only itself."""
    return StreamedImport(services, after_line=after_line)


class StreamedImport(Response):
    """Reads the request piece by piece, and sends each line of the answer as soon as it is known."""

    media_type = NDJSON

    def __init__(self, services: Services, *, after_line: int) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._services = services
        self._after_line = after_line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a client that goes away in the middle has told what it has told."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        try:
            await to_thread.run_sync(self._run, receive, send)
        except ClientDisconnect:
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _run(self, receive: Receive, send: Send) -> None:
        async def answer(line: str) -> None:
            await send({"type": "http.response.body", "body": f"{line}\n".encode(), "more_body": True})

        def tell(said: LineRemark | StreamProgress) -> None:
            fields = {name: value for name, value in asdict(said).items() if value is not None}
            from_thread.run(answer, json.dumps(fields))

        content = cast("BinaryIO", _Body(receive))
        StreamImport(services=self._services, tell=tell).run(content, after_line=self._after_line)


class _Body:
    """The body of a request as a file that can be read once, from a thread of its own."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_over = False

    def read(self, _size: int = -1) -> bytes:
        """The next piece, which is as long as it came; empty at the end. Raises ClientDisconnect."""
        while not self._is_over:
            message = from_thread.run(self._next)
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._is_over = not message.get("more_body", False)
            piece: bytes = message.get("body", b"")
            if piece:
                return piece
        return b""

    async def _next(self) -> Message:
        return await self._receive()
