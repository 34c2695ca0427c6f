"""Whether the time of an answer at the door tells somebody, whose contact an account has, from nobody.

Each door is asked in this very process, without a network, which is the best that an attacker can have. Somebody and
nobody take turns in random order. The area under the ROC curve is how often a guess by time alone is right: 0.5 tells
nothing, and 1.0 tells all. Beside the clock's time stands the processor's, which a busy machine disturbs less.
"""

import argparse
import asyncio
import gc
import os
import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import structlog
from starlette.types import ASGIApp, Message

from benchmarks.fixtures import ground, machine, populate
from services.people.door_notes import write_up
from store import Database
from store.people import accounts
from tests.api.world import ORIGIN, World, make_world
from tests.clocks import FakeClock
from tests.factories import make_passkey, make_recovery_codes

WARM_UP = 40
NOBODY = 50_000_000
"""Numbers from here on are nobody's. They are of one range with the others, for each range has its own time."""
WRONG = {"six": "00000x", "long": "aaaa-bbbb-cccc-dddd"}


@dataclass(frozen=True, kw_only=True)
class TimedAnswer:
    """One answer: its status, its cookie, and how long it took in seconds, by the clock and of the processor."""

    status: int
    cookie: str
    clock: float
    processor: float


@dataclass(frozen=True, kw_only=True)
class Knock:
    """One attempt at a door, with a contact, from an address of its own."""

    app: ASGIApp
    world: World
    contact: str
    address: str

    async def post(self, path: str, *, cookie: str = "", **form: str) -> TimedAnswer:
        """Send a form, and afterwards let the relay's part be done."""
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": urlencode(form).encode(), "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        headers = {
            "host": ORIGIN.removeprefix("https://"),
            "origin": ORIGIN,
            "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(urlencode(form))),
            "cookie": f"{cookie}; __Host-offramp-door={self.address}",
        }
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": (self.address, 50000),
            "server": ("127.0.0.1", 443),
        }
        before = time.perf_counter(), time.process_time()
        await self.app(scope, receive, send)
        after = time.perf_counter(), time.process_time()
        while write_up(self.world.database, self.world.clock):
            pass
        start = messages[0]
        cookies = [value.decode() for name, value in start["headers"] if name == b"set-cookie"]
        return TimedAnswer(
            status=start["status"],
            cookie="".join(cookies).split(";")[0],
            clock=after[0] - before[0],
            processor=after[1] - before[1],
        )


async def _ask_for_code(knock: Knock) -> TimedAnswer:
    return await knock.post("/sign-in", identifier=knock.contact)


async def _type_wrong_code(knock: Knock) -> TimedAnswer:
    answer = await _ask_for_code(knock)
    await _let_another_come_first(knock)
    return await knock.post("/sign-in/code", cookie=answer.cookie, code=WRONG["six"])


async def _let_another_come_first(knock: Knock) -> None:
    """Elsewhere the relay is a process of its own; here, what it has written up would slow the next request down."""
    await _type_wrong_recovery_code(replace(knock, contact=f"+49151{2 * NOBODY - 1}"))


async def _type_wrong_recovery_code(knock: Knock) -> TimedAnswer:
    return await knock.post("/sign-in/recovery", identifier=knock.contact, code=WRONG["long"])


async def _type_wrong_rescue_code(knock: Knock) -> TimedAnswer:
    return await knock.post("/rescue", identifier=knock.contact, code=WRONG["long"])


async def _ask_for_link(knock: Knock) -> TimedAnswer:
    return await knock.post("/sign-in/link", identifier=knock.contact)


DOORS: dict[str, tuple[int, Callable[[Knock], Awaitable[TimedAnswer]]]] = {
    "POST /sign-in": (303, _ask_for_code),
    "POST /sign-in/code": (303, _type_wrong_code),
    "POST /sign-in/recovery": (303, _type_wrong_recovery_code),
    "POST /rescue": (303, _type_wrong_rescue_code),
    "POST /sign-in/link": (303, _ask_for_link),
}


def main() -> None:
    """Knock at each door, as somebody and as nobody, and print how well time tells them apart."""
    options = _parser().parse_args()
    print(f"{options.samples} of each; {machine()}")
    with ground(with_temporal=False) as place, Path(os.devnull).open("w") as nowhere:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=nowhere))
        database = Database(options.database or place.settings.database_url)
        populate(database, options.samples + WARM_UP, tier="low")
        _set_up(database)
        asyncio.run(_measure(make_world(database, FakeClock()), options.samples))
        database.close()
    print(machine())


async def _measure(world: World, samples: int) -> None:
    app = world.app()
    for name, (status, act) in DOORS.items():
        somebody, nobody = await _answers(world, app, act, samples, status)
        clocks = [answer.clock for answer in somebody], [answer.clock for answer in nobody]
        processors = [answer.processor for answer in somebody], [answer.processor for answer in nobody]
        print(
            f"{name:<24}AUC {area(*clocks):.3f}, by the processor {area(*processors):.3f};"
            f" median {1000 * median(clocks[0]):.2f} ms for somebody, {1000 * median(clocks[1]):.2f} ms for nobody"
        )


async def _answers(
    world: World,
    app: ASGIApp,
    act: Callable[[Knock], Awaitable[TimedAnswer]],
    samples: int,
    status: int,
) -> tuple[list[TimedAnswer], list[TimedAnswer]]:
    answers: dict[bool, list[TimedAnswer]] = {True: [], False: []}
    gc.collect()
    gc.disable()
    for number in range(samples + WARM_UP):
        hosts = iter((1, 2))  # in the order of their coming, so that rows kept by address do not lie apart
        for is_known in random.sample((True, False), 2):
            contact = f"+49151{number if is_known else NOBODY + number:08d}"
            address = f"10.{number // 250}.{number % 250}.{next(hosts)}"
            knock = Knock(app=app, world=world, contact=contact, address=address)
            await _let_another_come_first(knock)
            answer = await act(knock)
            assert answer.status == status, answer
            if number >= WARM_UP:
                answers[is_known].append(answer)
    gc.enable()
    return answers[True], answers[False]


def area(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """The area under the ROC curve: how often a positive is larger than a negative; ties count half."""
    ordered = sorted(negatives)
    wins = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in positives) / 2
    return wins / (len(positives) * len(negatives))


def _set_up(database: Database) -> None:
    """Give everybody what somebody has who is well on their way."""
    with database.transaction() as session:
        for account_ids in accounts.each_id(session):
            for account_id in account_ids:
                make_passkey(session, account_id)
                make_recovery_codes(session, account_id)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timing", description=__doc__)
    parser.add_argument("--samples", type=int, default=400, help="of somebody and of nobody, at each door")
    parser.add_argument("--database", help="the URL of an empty, migrated database; SQLite if it is left out")
    return parser


if __name__ == "__main__":
    main()
