"""A server on loopback that answers as a test has written down, and notes what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer. `hangs`: it comes only when the server closes; `breaks_off`: the connection ends instead."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    breaks_off: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class ScriptedServer:
    """Replies in the order of `script`; the last reply is given again and again."""

    origin: str = ""
    script: list[Reply] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def says(self, *replies: Reply) -> None:
        """What comes next."""
        self.script[:] = replies

    def next_reply(self) -> Reply:
        """The next reply of the script."""
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """A server that listens as long as this lasts."""
    scripted = ScriptedServer()
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _answering(scripted))
    listening.daemon_threads = True
    scripted.origin = f"http://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield scripted
    finally:
        scripted.closing.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


def _answering(scripted: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            scripted.requests.append(Asked(self.command, self.path, headers, body))
            reply = scripted.next_reply()
            if reply.hangs:
                scripted.closing.wait()
            if reply.hangs or reply.breaks_off:
                self.close_connection = True
                return
            text = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            if reply.status == 204:
                text = b""
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    return Answering
