"""Asks a server at a fixed rate, whether it has answered before or not, as the people of a service do.

A request that has to wait for a connection or for its turn waits on the clock: its time counts from the moment at which
it was due, so a server that stands still for a second is charged with all that came meanwhile.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import quantiles

_CONNECTIONS = 64


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked: the same bytes but for the body."""

    path: str
    authorization: str
    bodies: Sequence[bytes]

    def encoded(self, number: int) -> bytes:
        """The request of a number, as it goes over the wire."""
        body = self.bodies[number % len(self.bodies)]
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {self.authorization}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True, kw_only=True)
class Latencies:
    """How long each answer took, in seconds from the moment at which its request was due, and how many were no 200."""

    seconds: list[float] = field(default_factory=list)
    failed: list[bytes] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """A percentile in seconds."""
        return quantiles(self.seconds, n=100)[percent - 1]


async def ask(port: int, request: Request, *, rate: float, seconds: float) -> Latencies:
    """Ask so many times a second, for so long."""
    latencies = Latencies()
    async with AsyncExitStack() as stack:
        free: asyncio.Queue[_Connection] = asyncio.Queue()  # each in its turn: an idle one is ended
        for _ in range(_CONNECTIONS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            free.put_nowait(_Connection(reader=reader, writer=writer))
        began_at = time.perf_counter()
        async with asyncio.TaskGroup() as under_way:
            for number in range(int(rate * seconds)):
                due_at = began_at + number / rate
                if (left := due_at - time.perf_counter()) > 0:
                    await asyncio.sleep(left)
                under_way.create_task(_ask_once(free, request.encoded(number), due_at, latencies))
    return latencies


@dataclass(frozen=True, kw_only=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def exchange(self, request: bytes) -> bytes:
        """Send a request, and read the whole answer; returns its first line."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await self.reader.readexactly(int(length))
        return head.partition(b"\r\n")[0]


async def _ask_once(
    free: "asyncio.Queue[_Connection]", request: bytes, due_at: float, latencies: Latencies
) -> None:
    connection = await free.get()
    status_line = await connection.exchange(request)
    latencies.seconds.append(time.perf_counter() - due_at)
    free.put_nowait(connection)
    if b" 200 " not in status_line:
        latencies.failed.append(status_line)
