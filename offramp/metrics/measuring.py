"""Measures what a process sees of itself: answers, hand-overs to providers, turns of the relay, its database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPMethod
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.host.webhooks import Courier, Hook, NotTaken
from domain.ports import Letter, Mailer, NeverDeliverable, NotHandedOver, Texter, TextMessage
from offramp.metrics import metrics
from store.engine.absences import Absence

_METHODS = frozenset(HTTPMethod)
_ELSEWHERE = "none"


class MeasuredApp:
    """An application whose answers are timed. A label holds the route's pattern, never the path of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and time it to the last byte of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began_at = time.perf_counter()
        try:
            await self._app(scope, receive, watch)
        finally:
            timer = metrics.HTTP_DURATION.labels(_method(scope), _route(scope), f"{status // 100}xx")
            timer.observe(time.perf_counter() - began_at)


class MeasuredMailer:
    """A mailer whose hand-overs are timed."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self._mailer.provider

    def send(self, letter: Letter) -> str:
        """Hand one e-mail over. Raises the errors of the mailer."""
        with _hand_over(self.provider):
            return self._mailer.send(letter)


class MeasuredTexter:
    """A texter whose hand-overs are timed."""

    def __init__(self, texter: Texter) -> None:
        self._texter = texter

    @property
    def provider(self) -> str:
        """The provider's name."""
        return self._texter.provider

    def send(self, message: TextMessage) -> str:
        """Hand one text message over. Raises the errors of the texter."""
        with _hand_over(self.provider):
            return self._texter.send(message)


class MeasuredCourier:
    """A courier whose attempts are counted and timed."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    def objection(self, url: str) -> str:
        """Why no event is ever sent to this address; empty if one may be."""
        return self._courier.objection(url)

    def bring(self, hook: Hook) -> int:
        """Bring one event. Raises NotTaken."""
        began_at, outcome = time.perf_counter(), "broken"
        try:
            status = self._courier.bring(hook)
            outcome = "taken"
        except NotTaken as refusal:
            outcome = "gone" if refusal.is_gone else "not_taken"
            raise
        finally:
            metrics.WEBHOOK_DURATION.labels(outcome).observe(time.perf_counter() - began_at)
        return status


@contextmanager
def relay_turn(name: str) -> Iterator[None]:
    """Time one turn of the relay, and count it if it fails."""
    failures = metrics.RELAY_TURN_FAILURES.labels(name)
    with failures.count_exceptions(), metrics.RELAY_TURN_DURATION.labels(name).time():
        yield


def begin_to_miss_the_database() -> None:
    """Begin the counts of all reasons at 0, so that the first time that the database is missed is an increase."""
    for absence in Absence:
        metrics.DATABASE_MISSED.labels(absence.value)


def database_missed(absence: Absence) -> None:
    """Count that somebody could not use the database."""
    metrics.DATABASE_MISSED.labels(absence.value).inc()


def rows_lost(*, are_lost: bool) -> None:
    """Say whether the database has fewer rows than were seen before."""
    metrics.DATABASE_ROWS_LOST.set(float(are_lost))


@contextmanager
def _hand_over(provider: str) -> Iterator[None]:
    began_at, outcome = time.perf_counter(), "unknown"
    try:
        yield
        outcome = "taken"
    except NotHandedOver:
        outcome = "put_off"
        raise
    except NeverDeliverable:
        outcome = "refused"
        raise
    finally:
        metrics.HANDOVER_DURATION.labels(provider, outcome).observe(time.perf_counter() - began_at)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    if route is not None:
        return str(route.path)
    return "/static" if scope["path"].startswith("/static/") else _ELSEWHERE
