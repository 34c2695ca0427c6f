"""A server on loopback that stands in for SendGrid and Twilio alike; many requests at once."""

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.providers.standins import sendgrid
from tests.providers.standins.callbacks import Teller
from tests.providers.standins.exchange import Answered, Asked
from tests.providers.standins.taken import Records
from tests.providers.standins.troubles import Kind, Trouble, Troubles
from tests.providers.standins.twilio import Twilio

CONTROL = "/standin/troubles"
"""Where another process asks for trouble: `{"kind": "status", "status": 429, "headers": {…}, "times": 3}`."""


class StandIn:
    """Both providers on one port. `most_at_once` is how many requests it has had in hand together.

    `delay` is how long an answer takes, in seconds. A `barrier` holds each request until that many are there.
    A `teller` tells by callback what became of what was taken.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        delay: float = 0.0,
        record: Path | None = None,
        barrier: threading.Barrier | None = None,
        teller: Teller | None = None,
    ) -> None:
        self.taken = Records(record)
        self.troubles = Troubles()
        self.twilio = Twilio()
        self.delay = delay
        self.barrier = barrier
        self.most_at_once = 0
        self.closing = threading.Event()
        self._teller = teller
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()
        self.taken.close()

    def hang_up(self) -> None:
        """End the connections that clients keep open, as idle ones are ended after a while."""
        self._server.hang_up()

    def answer(self, request: Asked) -> Answered:
        """The provider's answer; what was taken is recorded before anybody hears of it."""
        with self._counted():
            if self.barrier:
                self.barrier.wait(timeout=200)
            self.closing.wait(self.delay)
            answered = self._route(request)
            if answered.taken:
                self.taken.add(answered.taken)
                if self._teller:
                    self._teller.tell(answered.taken)
            return answered

    def _route(self, request: Asked) -> Answered:
        if request.path == CONTROL:
            return self._asked_for_trouble(json.loads(request.body))
        return sendgrid.answer(request) if request.path.startswith("/v3/") else self.twilio.answer(request)

    def _asked_for_trouble(self, wanted: dict[str, Any]) -> Answered:
        times = wanted.pop("times", 1)
        trouble = Trouble(**wanted | {"kind": Kind(wanted.get("kind", "status"))})
        self.troubles.add(*[trouble] * times)
        return Answered(status=204)

    @contextlib.contextmanager
    def _counted(self) -> Any:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Requests)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Unlike closing, this makes itself felt at once, on both sides."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: Any) -> None:
        """Tests speak for themselves."""

    def _serve(self) -> None:
        stand_in = self.server.stand_in
        path = urlsplit(self.path).path
        trouble = None if path == CONTROL else stand_in.troubles.next()
        if trouble and trouble.kind is Kind.CLOSE:
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if trouble and trouble.kind is Kind.HANG:
            stand_in.closing.wait()
            self.close_connection = True
            return
        if trouble and trouble.kind is Kind.STATUS:
            self._reply(Answered(status=trouble.status, body=trouble.body, headers=trouble.headers))
            return
        answered = stand_in.answer(
            Asked(
                method=self.command,
                path=path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                query=dict(parse_qsl(urlsplit(self.path).query)),
            )
        )
        if trouble and trouble.kind is Kind.DROP:
            self.close_connection = True
            return
        self._reply(answered, garbled=trouble is not None)

    def _reply(self, answered: Answered, *, garbled: bool = False) -> None:
        body = b"<html>" if garbled else answered.encoded()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **answered.headers,
        }
        lines = [
            f"HTTP/1.1 {answered.status} Answered",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        # One write: two of them wait for each other's acknowledgement.
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)
