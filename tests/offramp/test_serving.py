"""Real sockets: clients who take their time, and clients who send too much, hold nothing for good."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import monotonic

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from api.web.security import LARGEST_HEAD, SmallHeads
from domain.host.streams import IMPORTS_PATH
from offramp import serving
from offramp.serving import TimedConnection
from tests.waiting import wait_until

PATIENCE = 60.0
LARGE = 8 * 1024 * 1024
HALF_HEAD = b"GET / HTTP/1.1\r\nhost: a\r\n"
HALF_BODY = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf"
WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


class Impatient(TimedConnection):
    """The same in quick motion."""

    head_time = timedelta(seconds=0.2)
    body_time = timedelta(seconds=0.2)
    reading_time = timedelta(seconds=0.2)


class Deliberate(TimedConnection):
    """Waits a second for a body, or for each piece of one."""

    body_time = timedelta(seconds=1)


class Patient(TimedConnection):
    """Waits for longer than any test, and has room for few."""

    head_time = timedelta(hours=1)
    body_time = timedelta(hours=1)
    most = 20


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, and answers; at /large with more than any buffer holds."""
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    if message["type"] == "http.disconnect":
        return
    body = b"x" * LARGE if scope["path"] == "/large" else b"here"
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@dataclass
class SlowReader:
    """Takes the first piece of a body, and the rest when it may; then it answers how much there was."""

    may_go_on: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        taken = len(message["body"])
        await asyncio.to_thread(self.may_go_on.wait, PATIENCE)
        while message["type"] == "http.request" and message["more_body"]:
            message = await receive()
            taken += len(message.get("body", b""))
        body = str(taken).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def served(connection: type[TimedConnection], app: ASGIApp = answer) -> Iterator[uvicorn.Server]:
    """A server in a thread, on a port of its own."""
    config = uvicorn.Config(SmallHeads(app), port=0, lifespan="off", **serving.options(connection))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the server to start", within=PATIENCE)
        yield server
    finally:
        server.should_exit = server.force_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="module")
def impatient() -> Iterator[uvicorn.Server]:
    with served(Impatient) as server:
        yield server


def connected(server: uvicorn.Server) -> socket.socket:
    port = server.servers[0].sockets[0].getsockname()[1]
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def told(server: uvicorn.Server, sent: bytes) -> bytes:
    """All that a server says until it ends the connection."""
    with connected(server) as client:
        with suppress(BrokenPipeError, ConnectionResetError):  # a server may hang up before it has read all
            client.sendall(sent)
        return until_closed(client)


def until_closed(client: socket.socket) -> bytes:
    heard = b""
    with suppress(ConnectionResetError):
        while part := client.recv(65536):
            heard += part
    return heard


@pytest.mark.parametrize("half", [HALF_HEAD, HALF_BODY, WHOLE + HALF_HEAD, b"G"])
def test_half_a_request_is_told_that_it_is_too_slow_and_ended(impatient: uvicorn.Server, half: bytes) -> None:
    assert b"408 Request Timeout" in told(impatient, half)


def test_a_connection_that_says_nothing_is_ended_without_a_word(impatient: uvicorn.Server) -> None:
    assert told(impatient, b"") == b""


def test_dripping_one_byte_after_the_other_wins_no_time(impatient: uvicorn.Server) -> None:
    with connected(impatient) as client:
        client.sendall(HALF_HEAD + b"x-slow: ")
        client.settimeout(0.02)
        dripped = 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while not _heard(client):
                client.sendall(b"x")
                dripped += 1
                assert dripped < 1000
    assert dripped > 0


def _heard(client: socket.socket) -> bool:
    try:
        client.recv(65536)
    except TimeoutError:
        return False
    return True


def test_a_stream_may_take_its_time_as_long_as_its_pieces_come() -> None:
    with served(Deliberate) as server, connected(server) as client:
        client.sendall(b"POST %s HTTP/1.1\r\nhost: a\r\ncontent-length: 15\r\n\r\n" % IMPORTS_PATH.encode())
        began_at = monotonic()
        for piece in range(15):
            client.sendall(b"x")
            due_at = began_at + 0.1 * (piece + 1)
            wait_until(partial(_is_past, due_at), "the next piece", within=PATIENCE)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")


def _is_past(due_at: float) -> bool:
    return monotonic() >= due_at


def test_a_stream_waits_for_a_slow_server_and_is_not_ended_for_that() -> None:
    head = b"POST %s HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % (IMPORTS_PATH.encode(), LARGE)
    reader = SlowReader()
    with served(Impatient, reader) as server, connected(server) as client, ThreadPoolExecutor() as pool:
        sending = pool.submit(client.sendall, head + b"x" * LARGE)
        wait_until(lambda: _is_any_paused(server), "more than the server takes", within=PATIENCE)
        for _ in range(3):  # the time of a client who is slow is over three times meanwhile
            assert b"408 Request Timeout" in told(server, HALF_HEAD)
        reader.may_go_on.set()
        sending.result(PATIENCE)
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK")


def _is_any_paused(server: uvicorn.Server) -> bool:
    connections = [
        connection
        for connection in server.server_state.connections
        if isinstance(connection, TimedConnection)
    ]
    return any(connection.flow and connection.flow.read_paused for connection in connections)


def test_a_stream_that_stops_is_ended(impatient: uvicorn.Server) -> None:
    half = b"POST %s HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf" % IMPORTS_PATH.encode()
    assert told(impatient, half).startswith(b"HTTP/1.1 408")


def test_an_answer_that_nobody_reads_holds_no_connection(impatient: uvicorn.Server) -> None:
    with connected(impatient) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")
        assert client.recv(1)
        wait_until(lambda: not impatient.server_state.connections, "the connection to end", within=PATIENCE)


def test_nine_hundred_half_open_requests_are_let_go_and_others_are_served_meanwhile(
    impatient: uvicorn.Server,
) -> None:
    with ExitStack() as clients:
        for _ in range(900):
            clients.enter_context(connected(impatient)).sendall(HALF_HEAD)
        assert told(impatient, WHOLE).endswith(b"here")
        wait_until(lambda: not impatient.server_state.connections, "all connections to end", within=PATIENCE)


def test_half_open_requests_keep_nobody_out_while_they_last() -> None:
    with served(Patient) as server, ExitStack() as clients:
        for _ in range(Patient.most * 3):
            client = clients.enter_context(connected(server))
            client.sendall(HALF_HEAD)
        client.sendall(b"connection: close\r\n\r\n")
        assert until_closed(client).endswith(b"here")
        wait_until(lambda: len(server.server_state.connections) <= Patient.most, "room", within=PATIENCE)


@pytest.mark.parametrize("size", [LARGEST_HEAD, 100_000, 1_000_000])
@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\r\nhost: a\r\nx-large: %b\r\n\r\n", b"GET /?%b HTTP/1.1\r\nhost: a\r\n\r\n"]
)
def test_a_large_header_or_query_is_refused(impatient: uvicorn.Server, size: int, head: bytes) -> None:
    answered = told(impatient, head % (b"x" * size))
    assert answered[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400", b"")
    assert b"here" not in answered


def test_a_header_of_an_honest_size_is_taken(impatient: uvicorn.Server) -> None:
    head = b"GET / HTTP/1.1\r\nhost: a\r\ncookie: %b\r\n\r\n" % (b"x" * 8000)
    assert told(impatient, head).endswith(b"here")
