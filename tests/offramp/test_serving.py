"""Real sockets: clients who take their time, and clients who send too much, hold nothing for good."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.web.security import LARGEST_HEAD, SmallHeads
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


@contextmanager
def served(connection: type[TimedConnection]) -> Iterator[uvicorn.Server]:
    """A server in a thread, on a port of its own."""
    app = SmallHeads(answer)
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", **serving.options(connection)))
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
