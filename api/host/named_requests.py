"""Requests that name themselves by an `Idempotency-Key`: done once, and answered again as they were the first time.

After the Internet-Draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header).
"""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from api.host.callers import recognise
from domain.codes import digest
from services.container import Services
from services.host import named_requests
from services.host.named_requests import KeptAnswer, NamedRequest

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
LONGEST_NAME = 255

KEPT_HEADERS = ("location", "content-location", "content-language", "etag", "link")
"""The headers that say something of what was done; length, date and the like are each answer's own."""


class BadRequestName(Exception):
    """The `Idempotency-Key` is empty, or longer than `LONGEST_NAME`."""


class HostRoute(APIRoute):
    """A route of the host's API. A POST that names itself is done once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answer a request by the route, or by what the route answered before."""
        do = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.method != "POST" or HEADER not in request.headers:
                return await do(request)
            return await _once(request, do)

        return handle


async def _once(request: Request, do: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    services: Services = request.app.state.services
    holder = await run_in_threadpool(recognise, request, services)
    named = _named(request, holder, await request.body(), at=services.clock())
    before = await run_in_threadpool(named_requests.begin, services, named)
    if before:
        headers = {**before.headers, REPLAYED: "true"}
        return Response(before.body, status_code=before.status, media_type=before.media_type, headers=headers)
    try:
        response = await do(request)
    except BaseException:
        await run_in_threadpool(named_requests.forget, services, named)
        raise
    answer = KeptAnswer(
        status=response.status_code,
        media_type=response.headers.get("content-type", "application/json"),
        body=bytes(response.body).decode(),
        headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
    )
    await run_in_threadpool(named_requests.answer, services, named, answer)
    return response


def _named(request: Request, holder: Any, body: bytes, *, at: datetime) -> NamedRequest:
    name = request.headers[HEADER].strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadRequestName
    content_type = request.headers.get("content-type", "")
    said = f"{request.method} {request.url.path}?{request.url.query}\n{content_type}\n".encode() + body
    return NamedRequest(
        key_id=holder.key_id,
        name_digest=digest(name),
        fingerprint=hashlib.sha256(said).hexdigest(),
        began_at=at,
    )
