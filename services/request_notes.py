"""Notes on the current request for every line of its log, and its route's pattern for logs and traces."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ABOUT: ContextVar[dict[str, str] | None] = ContextVar("about_request", default=None)
"""The notes on the current request. Routes run in threads with copies of the context; all copies share this dict."""


def about() -> dict[str, str]:
    """The notes on the current request; empty outside of a request."""
    return _ABOUT.get() or {}


@contextmanager
def noting(**notes: str) -> Iterator[None]:
    """Begin the notes of one request; they end with it."""
    token = _ABOUT.set(notes)
    try:
        yield
    finally:
        _ABOUT.reset(token)


def note(**notes: str) -> None:
    """Add notes to every further line of this request."""
    of_request = _ABOUT.get()
    if of_request is not None:
        of_request |= notes


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The pattern of the route that answers; `none` where there is none."""
    return getattr(scope.get("route"), "path", "none")
