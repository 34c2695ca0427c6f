"""A host's receiver of webhooks: a real server on loopback, which misbehaves on request."""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One request that arrived whole."""

    headers: dict[str, str]
    body: str

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def kind(self) -> str:
        return str(self.event["type"])


@dataclass
class Receiver:
    """Answers each arrival with the next of `answers`, then with 204. `before_answer` is called with each arrival."""

    answers: list[int] = field(default_factory=list)
    answer_headers: dict[str, str] = field(default_factory=dict)
    before_answer: Callable[[Arrival], object] = lambda _: None
    tls: ssl.SSLContext | None = None
    arrivals: list[Arrival] = field(default_factory=list)

    def __enter__(self) -> "Receiver":
        receiver = self
        lock = threading.Lock()

        class Requests(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                arrival = Arrival(headers={k.lower(): v for k, v in self.headers.items()}, body=body)
                with lock:
                    receiver.arrivals.append(arrival)
                    status = receiver.answers.pop(0) if receiver.answers else 204
                receiver.before_answer(arrival)
                self.send_response(status)
                for name, value in receiver.answer_headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 100

            def handle_error(self, *_: object) -> None:
                return  # a client that has lost its patience is what some tests are about

        self._server = Server(("127.0.0.1", 0), Requests)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/hooks?of=offramp"

    @property
    def kinds(self) -> list[str]:
        return [arrival.kind for arrival in self.arrivals]
