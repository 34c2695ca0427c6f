"""Where a transmitter's keys lie, for tests: a web server on this machine that may be down."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

from joserfc.jwk import ECKey


@dataclass
class KeyPlace:
    """Where a key set lies; `asked` counts who came for it, and `status` is what they are answered."""

    url: str = ""
    keys: list[ECKey] = field(default_factory=list)
    asked: int = 0
    status: int = 200


@contextmanager
def key_place(*keys: ECKey) -> Iterator[KeyPlace]:
    """A place that serves keys while the block runs."""
    there = KeyPlace(keys=list(keys))

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked += 1
            self.send_response(there.status)
            self.end_headers()
            public = [key.as_dict(private=False) for key in there.keys]
            self.wfile.write(json.dumps({"keys": public}).encode())

        def log_message(self, *_: Any) -> None:
            """Nothing: a test's server is silent."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    there.url = f"http://127.0.0.1:{server.server_port}/jwks"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
