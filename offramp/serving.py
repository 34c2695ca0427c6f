"""Serves an application by uvicorn, with an end to everything that a client may take its time for.

Uvicorn by itself waits for ever for the rest of a request, and for a client that does not read its answer.
"""

import gc
import multiprocessing
import os
import signal
import threading
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.connection import wait
from typing import Any, ClassVar

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

from domain.host.streams import is_streamed

LARGEST_INCOMPLETE_HEAD = 16 * 1024
"""Bytes of a request's line and headers that are kept while the rest is awaited; more is a 400."""

_GRACE_SECONDS = 5
_ALIVE_WITHIN_SECONDS = 30
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 47\r\n\r\nThe rest of this request did not come in time.\n"
)


class FlowOfRequest(FlowControl):
    """The flow of a connection, which says when more of a request is taken again after a pause."""

    def __init__(self, transport: Transport, on_resume: Callable[[], None]) -> None:
        super().__init__(transport)
        self._on_resume = on_resume

    def resume_reading(self) -> None:
        """Take more of the request."""
        was_paused = self.read_paused
        super().resume_reading()
        if was_paused:
            self._on_resume()


class TimedConnection(H11Protocol):
    """One connection, whose client has only so long for each step.

    `head_time` is for a request's line and headers, counted from the first moment of a connection; `body_time` for the
    body after them, or for each piece of it if it is a stream; `reading_time` for reading what was answered. When a
    process has `most` connections, the one that has waited longest for its client makes room for the next, so that
    half-open requests keep nobody out.
    """

    head_time: ClassVar = timedelta(seconds=10)
    body_time: ClassVar = timedelta(seconds=30)
    reading_time: ClassVar = timedelta(seconds=30)
    most: ClassVar = 800  # a process may open 1024 files, if nobody raised the system's usual limit

    _deadline: TimerHandle | None = None
    _awaited: object = None
    _waits_since = 0.0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; make room for it if there is none."""
        super().connection_made(transport)
        self.flow = FlowOfRequest(transport, self._await_client)
        self._await_client()
        if len(self.connections) > self.most:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for what is missing."""
        super().data_received(data)
        if self._awaited is h11.SEND_BODY and self._is_streamed():
            self._stop_waiting()
        self._await_client()

    def on_response_complete(self) -> None:
        """Wait for the next request; the part of it that came meanwhile is no reason to wait for ever."""
        super().on_response_complete()
        self._await_client()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._wait("reading", self.reading_time)

    def resume_writing(self) -> None:
        """The client has read enough; go on."""
        super().resume_writing()
        self._await_client()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that was idle, also if its client never reads what is still on the way."""
        super().timeout_keep_alive_handler()
        self._wait("reading", self.reading_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_client(self) -> None:
        """Wait for what the client has to do next, if it is the client's turn."""
        awaited = self.conn.their_state
        if self.transport.is_closing():
            self._wait("reading", self.reading_time)
        elif awaited is h11.IDLE:
            self._wait(awaited, self.head_time)
        elif awaited is h11.SEND_BODY and self.flow.read_paused and self._is_streamed():
            self._stop_waiting()  # what came is not taken yet, so it is not the client who is slow
        elif awaited is h11.SEND_BODY:
            self._wait(awaited, self.body_time)
        else:
            self._stop_waiting()

    def _wait(self, awaited: object, time: timedelta) -> None:
        """Begin to wait; the time of a step that is under way goes on."""
        if self._deadline and self._awaited is awaited:
            return
        self._stop_waiting()
        self._awaited, self._waits_since = awaited, self.loop.time()
        self._deadline = self.loop.call_later(time.total_seconds(), self._give_up)

    def _is_streamed(self) -> bool:
        return is_streamed(method=self.scope["method"], path=self.scope["path"])

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = None

    def _make_room(self) -> None:
        waiting = [
            other for other in self.connections if isinstance(other, TimedConnection) and other._deadline
        ]
        if waiting:
            oldest = min(waiting, key=lambda other: other._waits_since)
            oldest._stop_waiting()  # it is gone a moment later only, and must not be chosen again until then
            oldest.transport.abort()

    def _give_up(self) -> None:
        """End the connection: with a word for whoever sent half a request, and at once for whoever does not read."""
        self._deadline = None
        if self._is_half_sent() and not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
            self.transport.close()
            self._await_client()
        else:
            self.transport.abort()

    def _is_half_sent(self) -> bool:
        if self._awaited is h11.SEND_BODY:
            return not self.cycle.response_started
        return self._awaited is h11.IDLE and bool(self.conn.trailing_data[0])


def options(connection: type[TimedConnection] = TimedConnection) -> dict[str, Any]:
    """How uvicorn serves, beside the address."""
    return {
        "http": connection,
        "ws": "none",
        "h11_max_incomplete_event_size": LARGEST_INCOMPLETE_HEAD,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # the pages trust as many proxies as OFFRAMP_TRUSTED_PROXIES says, and no more
        "timeout_graceful_shutdown": _GRACE_SECONDS,
    }


def spare_collections() -> None:
    """Leave all there is now out of later collections of garbage: to look through it takes a tenth of a second.

    For the moment before a process begins to serve, when what it has is there to stay.
    """
    gc.collect()
    gc.freeze()


def serve(app: ASGIApp, *, host: str, port: int) -> None:
    """Serve until a signal ends it."""
    uvicorn.run(app, host=host, port=port, **options())


def serve_side_by_side(factory: str, *, processes: int, host: str, port: int) -> None:
    """Serve by several processes at one address until a signal ends them. One that dies is replaced.

    Each process calls `factory`, written `package.module:function`, for its application.
    """
    uvicorn.run(
        factory,
        factory=True,
        workers=processes,
        timeout_worker_healthcheck=_ALIVE_WITHIN_SECONDS,
        host=host,
        port=port,
        **options(),
    )


def end_with_parent() -> None:
    """End this process when the one that started it is gone, for it would keep the address to itself.

    A process that is killed has no time to end its own.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="parent", daemon=True).start()
