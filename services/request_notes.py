"""What is known of the request that is being answered, for the log and for traces: ids, and the route's pattern."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ABOUT: ContextVar[dict[str, str] | None] = ContextVar("about_request", default=None)
"""What is known of the request. Routes run in threads with copies of the context, so they share this one dict."""


def about() -> dict[str, str]:
    """What every line of the log says about the request that it belongs to; empty outside of one."""
    return _ABOUT.get() or {}


@contextmanager
def noting(**known: str) -> Iterator[None]:
    """Begin the notes of one request, which end with it."""
    token = _ABOUT.set(known)
    try:
        yield
    finally:
        _ABOUT.reset(token)


def note(**known: str) -> None:
    """Have every further line of this request say so."""
    of_request = _ABOUT.get()
    if of_request is not None:
        of_request |= known


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The pattern of the route that answers; `none` where there is none."""
    return getattr(scope.get("route"), "path", "none")
