"""Whether a host's events are taken as fast as they come: batches of a hundred at a steady rate, through the API.

The batches are sent when they are due, whether the ones before are answered or not. The lag is the time from then to
the answer; if it is not longer at the end than at the beginning, Offramp keeps up. What it could do at most, with some
batches always under way, is compared with inserting as many bare rows in batches of the same size in the same run.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from statistics import median, quantiles
from typing import Any

import structlog
from starlette.types import ASGIApp, Message

from benchmarks.databases import on_postgresql, on_sqlite
from benchmarks.fixtures import machine, populate
from domain.host.events import EventOutcome
from domain.host.keys import KeyScope
from providers.cloud_events import BATCH
from store import Database
from store.host import events
from store.host.events import EventClaim
from tests.api.host.keys import key_for
from tests.api.world import ORIGIN, World, make_world
from tests.postgres import Unavailable

SIZE = 100
UNDER_WAY = 4
METHODS = ("sms", "sms", "sms", "password", "passkey")

_numbers = count()


class RealClock:
    """The time as it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


def main() -> None:
    """Measure on PostgreSQL, or on SQLite."""
    options = _parser().parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    opened = on_sqlite if options.on == "sqlite" else on_postgresql
    try:
        with opened() as database:
            populate(database, options.people, tier="a")
            asyncio.run(_measure(database, options))
    except Unavailable as reason:
        print(reason)


async def _measure(database: Database, options: argparse.Namespace) -> None:
    print(f"{database.engine.dialect.name}: {options.people} accounts; {machine()}")
    world = make_world(database, RealClock())  # type: ignore[arg-type]
    app, key = world.app(), key_for(world, KeyScope.EVENTS_WRITE)
    await asyncio.gather(*(_send(app, key, options.people) for _ in range(2 * UNDER_WAY)))
    lags = await _steadily(app, key, options)
    third = len(lags) // 3
    for name, part in (("first", lags[:third]), ("last", lags[-third:])):
        print(
            f"{options.rate} events a second, lag in the {name} third: "
            f"median {median(part) * 1000:.0f} ms, p95 {quantiles(part, n=20)[-1] * 1000:.0f} ms"
        )
    for _ in range(options.rounds):
        taken, bare = await _at_most(app, key, options), _bare_rows(world, options)
        print(f"at most {taken:.0f} events a second; bare rows {bare:.0f}; ratio {taken / bare:.2f}")


async def _steadily(app: ASGIApp, key: str, options: argparse.Namespace) -> Sequence[float]:
    began_at = time.perf_counter()

    async def due(at: float) -> float:
        await asyncio.sleep(max(at - time.perf_counter(), 0))
        await _send(app, key, options.people)
        return time.perf_counter() - at

    number = options.seconds * options.rate // SIZE
    return await asyncio.gather(*(due(began_at + index * SIZE / options.rate) for index in range(number)))


async def _at_most(app: ASGIApp, key: str, options: argparse.Namespace) -> float:
    began_at, batches = time.perf_counter(), iter(range(options.batches))

    async def sender() -> None:
        for _ in batches:
            await _send(app, key, options.people)

    await asyncio.gather(*(sender() for _ in range(UNDER_WAY)))
    return _rate(options.batches, began_at)


def _bare_rows(world: World, options: argparse.Namespace) -> float:
    began_at = time.perf_counter()
    for _ in range(options.batches):
        now = world.clock()
        claims = [
            EventClaim(
                source="bare",
                event_id=f"{next(_numbers)}",
                kind="bare",
                account_id=None,
                at=now,
                outcome=EventOutcome.IGNORED,
            )
            for _ in range(SIZE)
        ]
        with world.database.transaction() as session:
            events.claim(session, claims, now=now)
    return _rate(options.batches, began_at)


def _rate(batches: int, began_at: float) -> float:
    return batches * SIZE / (time.perf_counter() - began_at)


async def _send(app: ASGIApp, key: str, people: int) -> None:
    body = json.dumps([_event(people) for _ in range(SIZE)]).encode()
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    headers = {
        "host": ORIGIN.removeprefix("https://"),
        "authorization": f"Bearer {key}",
        "content-type": BATCH,
        "content-length": str(len(body)),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("203.0.113.7", 50000),
        "server": ("127.0.0.1", 443),
    }
    await app(scope, receive, send)
    status = messages[0]["status"]
    if status != 202:
        raise RuntimeError(f"a batch was answered by {status}")


def _event(people: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{next(_numbers)}",
        "source": "https://login.example.com",
        "type": "user.signed_in",
        "subject": f"a-{random.randrange(people)}",
        "time": datetime.now(UTC).isoformat(),
        "data": {"method": random.choice(METHODS), "device": {"can_passkey": True}, "risk": "low"},
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.host_events", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="accounts in the database")
    parser.add_argument("--on", choices=["postgresql", "sqlite"], default="postgresql", help="which database")
    parser.add_argument("--rate", type=int, default=1000, help="events a second")
    parser.add_argument("--seconds", type=int, default=30, help="how long they come at that rate")
    parser.add_argument("--batches", type=int, default=100, help="batches of each turn at most")
    parser.add_argument("--rounds", type=int, default=3, help="how often both take turns at most")
    return parser


if __name__ == "__main__":
    main()
