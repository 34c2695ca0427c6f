"""How fast a real API process takes accounts as a stream of NDJSON, and whether its memory stays as it is meanwhile.

The lines are made while they are sent. Before and after, as many of them are read and kept as bare rows, in a table
without keys, checks or a journal, in transactions of the same size: what the machine could do at most.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import Column, MetaData, String, Table, insert

from benchmarks.fixtures import machine
from benchmarks.served import Place, ServedProcess, places, served
from domain.host.keys import KeyScope
from domain.staff.staff import Author
from services.host import keys
from services.imports.streaming import BATCH
from store import Database
from store.people import imports

_LINES_A_CHUNK = 200
_BAD_LINE_EVERY = 1_000
_WARM_UP_LINES = 2_000
_BARE_LINES = 50_000

_BARE = Table(
    "bare_line",
    MetaData(),
    *(Column(name, String) for name in ("external_id", "phone", "email", "locale", "time_zone")),
)


@dataclass
class Memory:
    """The resident memory of the server when so many lines were committed, in bytes."""

    at: dict[int, int]
    marks: list[int]

    def note(self, line: int, server: ServedProcess) -> None:
        """Look, if a mark is reached."""
        while self.marks and line >= self.marks[0]:
            self.at[self.marks.pop(0)] = server.resident()


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where it is installed."""
    options = _parser().parse_args()
    for place in places(options.on):
        print(f"{place.name}: {options.lines:,} lines, {machine()}")
        measure(place, options.lines)


def measure(place: Place, lines: int) -> None:
    """Print how fast the stream was, as a ratio to bare rows, and how the memory went."""
    database = Database(place.url)
    with database.transaction() as session:
        author, scopes = Author(by="benchmark"), [KeyScope.ACCOUNTS_WRITE]
        key = keys.make(session, author, name="import", scopes=scopes, at=datetime.now(UTC))
    with served(["-m", "offramp", "api"], place.settings) as server:
        asyncio.run(send(server, key.token, _WARM_UP_LINES, prefix="warm", memory=Memory(at={}, marks=[])))
        before = bare_rate(database, min(lines, _BARE_LINES))
        marks = sorted({max(lines * share // 100, 1) for share in (1, 25, 50, 100)})
        memory = Memory(at={0: server.resident()}, marks=marks)
        began_at = time.perf_counter()
        asyncio.run(send(server, key.token, lines, prefix="person", memory=memory))
        rate = lines / (time.perf_counter() - began_at)
        after = bare_rate(database, min(lines, _BARE_LINES))
    with database.reading() as session:
        kept = imports.count_without_phone(session)
    database.close()
    bare = (before + after) / 2
    print(f"  {rate:,.0f} lines a second; bare rows {bare:,.0f}; ratio {rate / bare:.3f}")
    sizes = ", ".join(f"{size / 2**20:.0f} MiB at line {line:,}" for line, size in memory.at.items())
    print(f"  resident memory: {sizes}; {kept} accounts came without a number")


async def send(server: ServedProcess, token: str, lines: int, *, prefix: str, memory: Memory) -> None:
    """Send so many lines, and read what is answered meanwhile; leaves the program if not all is taken."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        f"POST /v1/accounts/imports HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/x-ndjson\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    _, last = await asyncio.gather(_write(writer, lines, prefix), _read(reader, server, memory))
    writer.close()
    if not last.get("done") or last.get("committed_line") != lines:
        sys.exit(f"the stream was not taken to its end: {last}")
    refused = sum(1 for number in range(1, lines + 1) if number % _BAD_LINE_EVERY == 0)
    if last.get("new") != lines - refused or last.get("refused") != refused:
        sys.exit(
            f"{lines - refused} new accounts and {refused} bad lines were sent, and this is answered: {last}"
        )


def lines_of(number: int, prefix: str) -> Iterator[bytes]:
    """So many lines, each about a person of its own; every thousandth names nobody."""
    for index in range(1, number + 1):
        account = {
            "external_id": "" if index % _BAD_LINE_EVERY == 0 else f"{prefix}-{index:08}",
            "phone": f"+49151{index + (10_000_000 if prefix == 'person' else 90_000_000):08}",
            "email": f"{prefix}-{index}@example.com",
            "locale": "de",
            "time_zone": "Europe/Berlin",
        }
        yield json.dumps(account).encode() + b"\n"


def bare_rate(database: Database, number: int) -> float:
    """How many lines a second are read and kept as bare rows."""
    with database.engine.begin() as connection:
        _BARE.create(connection)
    began_at = time.perf_counter()
    lines = lines_of(number, "bare")
    while batch := [json.loads(line) for line in islice(lines, BATCH)]:
        with database.engine.begin() as connection:
            connection.execute(insert(_BARE), batch)
    rate = number / (time.perf_counter() - began_at)
    with database.engine.begin() as connection:
        _BARE.drop(connection)
    return rate


async def _write(writer: asyncio.StreamWriter, number: int, prefix: str) -> None:
    lines = lines_of(number, prefix)
    while chunk := b"".join(islice(lines, _LINES_A_CHUNK)):
        writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _read(reader: asyncio.StreamReader, server: ServedProcess, memory: Memory) -> dict[str, object]:
    """The last line of the answer; each of its lines is an object in a chunk of its own."""
    last: dict[str, object] = {}
    status = await reader.readline()
    if b" 200 " not in status:
        sys.exit(f"the stream was refused: {status.decode().strip()}")
    while line := await reader.readline():
        if line.startswith(b"{"):
            last = json.loads(line)
            if "committed_line" in last:
                memory.note(int(str(last["committed_line"])), server)
    return last


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="how many accounts are sent")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="one database alone")
    return parser


if __name__ == "__main__":
    main()
