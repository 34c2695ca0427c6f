"""Rules for every request, and headers for every response: pure ASGI, in front of all routes."""

from collections.abc import Iterable

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.heads import HeadLikeGet
from api.web.problems import OTHER_SITE, TAKES_KEYS, TOO_LARGE, plain_refusal
from domain.host.streams import is_streamed
from services.site import Site

LARGEST_BODY = 64 * 1024
"""Bytes. The largest thing a person's browser sends is a passkey's answer of some two kilobytes."""

LARGEST_HEAD = 16 * 1024
"""Bytes of a request's path, query and headers. Browsers send some two kilobytes, with all cookies."""

LARGEST_BATCH = 4 * 1024 * 1024
"""Bytes. SendGrid posts its events every 30 seconds, or as soon as a batch has 768 kilobytes.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

LARGEST_EVENTS = 1024 * 1024
"""Bytes. A hundred events of a host, some ten kilobytes each."""

_LARGER_BODIES = {"/callbacks/sendgrid": LARGEST_BATCH, "/v1/events": LARGEST_EVENTS}
_OPENID = ("/oidc/token", "/oidc/userinfo", "/oidc/authorize")
_BRINGS_AUTHORITY = ("/callbacks/", "/no-reminders/", "/v1/security-events", *_OPENID)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    # `no-referrer` would make browsers send `Origin: null` with forms, which looks like a forgery.
    "referrer-policy": "same-origin",
    "permissions-policy": "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def protect(app: FastAPI, site: Site) -> None:
    """Put every route behind the guards. The headers are outermost, so that refusals have them too."""
    app.add_middleware(SmallBodies)
    app.add_middleware(SmallHeads)
    app.add_middleware(SameOrigin, site=site)
    app.add_middleware(SecurityHeaders, site=site)
    app.add_middleware(HeadLikeGet)


def headers_for(site: Site) -> dict[str, str]:
    """The headers of every response."""
    strict = {"strict-transport-security": "max-age=31536000; includeSubDomains"} if site.secure else {}
    return _HEADERS | strict


class SecurityHeaders:
    """Adds the headers that a route has not set itself; pages are never kept by a cache."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._headers = headers_for(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Browsers keep static files, but ask each time whether they changed: a page and its script always fit together.
        caching = "no-cache" if scope["path"].startswith("/static/") else "no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**self._headers, "cache-control": caching}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


class SameOrigin:
    """Refuses a request from another site if the request may change something (403).

    Some may come from elsewhere: callbacks of providers and security events, which bear a signature, links that end
    reminders, which bear a sealed token (RFC 8058), and what hosts' programs ask by OpenID Connect, with a code or a
    token. All act without a session, so another site cannot abuse one. A host's page that posts its request is sent
    on to the same by GET.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS or self._may_pass(scope):
            await self._app(scope, receive, send)
            return
        text = "This request came from another site, so nothing was done."
        await plain_refusal(scope, 403, text, OTHER_SITE)(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if scope["path"].startswith(TAKES_KEYS) and "authorization" in headers:
            return True  # under /v1 a request with a key never uses the browser's session
        return scope["path"].startswith(_BRINGS_AUTHORITY) or self._is_own(headers)

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            return self._site.is_own(origin)
        return headers.get("sec-fetch-site") == "same-origin"


class SmallHeads:
    """Refuses a request whose path, query and headers are too large (431), however a server has taken them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _head_size(scope) > LARGEST_HEAD:
            refusal = plain_refusal(scope, 431, "That was too large to be taken.", TOO_LARGE)
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


class SmallBodies:
    """Refuses bodies that are too large (413), by their `content-length` and by the bytes that arrive.

    A stream may have any length: its route reads it piece by piece, and keeps none of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS or _is_streamed(scope):
            await self._app(scope, receive, send)
            return
        largest = _LARGER_BODIES.get(scope["path"], LARGEST_BODY)
        messages = None if _says_too_much(scope, largest) else await _read(receive, largest)
        if messages is None:
            refusal = plain_refusal(scope, 413, "That was too large to be taken.", TOO_LARGE)
            await refusal(scope, receive, send)
            return
        await self._app(scope, _replay(messages, receive), send)


def _is_streamed(scope: Scope) -> bool:
    return is_streamed(method=scope["method"], path=scope["path"])


def _head_size(scope: Scope) -> int:
    path = scope.get("raw_path") or scope["path"].encode()
    headers = sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"])
    return len(path) + len(scope["query_string"]) + headers


def _says_too_much(scope: Scope, largest: int) -> bool:
    length = Headers(scope=scope).get("content-length", "")
    return length.isdecimal() and int(length[:10]) > largest


async def _read(receive: Receive, largest: int) -> list[Message] | None:
    """The whole body; None as soon as it is too large."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > largest:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages


def _replay(messages: Iterable[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replayed() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replayed
