"""How long a host's login waits for `POST /v1/prompts`, asked 300 times a second whether it has answered or not.

A real API process is asked over loopback, in turn with a bare route that looks nothing up. People stand everywhere on
their way, and sign in from many kinds of browsers. Beside the clock's time stands the processor's time of the server
for each request, which a busy machine disturbs less.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.fixtures import machine, populate
from benchmarks.open_loop import Latencies, Request, ask
from benchmarks.served import Place, ServedProcess, places, served
from domain.host.keys import KeyScope
from domain.staff.staff import Author
from services.host import keys
from store import Database, Session
from store.people import accounts
from tests.factories import make_journey, make_passkey, make_recovery_codes

_WARM_UP_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class MeasuredTurn:
    """What one server took in one turn: by the clock, and of the processor for each request."""

    latencies: Latencies
    worked: float


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where it is installed."""
    options = _parser().parse_args()
    for place in places(options.on):
        request = prepare(place.url, options.people)
        print(f"{place.name}: {options.people} accounts, {options.rate:.0f} requests a second, {machine()}")
        measure(place, request, options)


def measure(place: Place, request: Request, options: argparse.Namespace) -> None:
    """Print what both servers take, in turn."""
    api = ["-m", "offramp", "api", "--processes", str(options.processes)]
    bare = ["-m", "benchmarks.bare_route"]
    with served(api, place.settings) as offramp, served(bare, {}) as bare_route:
        turns: dict[str, list[MeasuredTurn]] = {"a bare route": [], "POST /v1/prompts": []}
        for server in (bare_route, offramp):
            _take_turn(server, request, options.rate, _WARM_UP_SECONDS)
        for _ in range(options.rounds):
            for name, server in zip(turns, (bare_route, offramp), strict=True):
                turns[name].append(_take_turn(server, request, options.rate, options.seconds))
    _print(turns)


def prepare(url: str, people: int) -> Request:
    """Fill a database with people on their way, make a key, and say what is asked."""
    database, now, chance = Database(url), datetime.now(UTC), random.Random(1)
    populate(database, people, tier="standard")
    with database.reading() as session:
        batches = list(accounts.each_id(session, batch=500))
    for ids in batches:
        with database.transaction() as session:
            for account_id in ids:
                _let_live(session, account_id, now, chance)
    with database.transaction() as session:
        author = Author(by="benchmark")
        scopes = [KeyScope.PROMPTS_WRITE]
        key = keys.make(session, author, name="login", scopes=scopes, at=now, calls_per_second=10_000)
    database.close()
    bodies = [_question(chance.randrange(people), chance) for _ in range(5_000)]
    return Request(path="/v1/prompts", authorization=f"Bearer {key.token}", bodies=bodies)


def _let_live(session: Session, account_id: str, now: datetime, chance: random.Random) -> None:
    """Most are launched; of these, each has come as far as the next, and some are left alone for now."""
    if chance.random() < 0.2:
        return
    make_journey(session, account_id, at=now - timedelta(days=9))
    steps = chance.randrange(5)
    account = accounts.get(session, account_id)
    if steps > 0:
        accounts.verify_email(session, account, account.email, at=now)
    if steps > 1:
        days = [now.date() - timedelta(days=back) for back in range(1, steps)]
        make_passkey(session, account_id, used_on=days)
    if steps > 3:
        make_recovery_codes(session, account_id)
    if chance.random() < 0.1:
        accounts.skip_prompt(session, account, until=now + timedelta(days=1))


def _question(number: int, chance: random.Random) -> bytes:
    agent = (
        f"Mozilla/5.0 (Linux; Android {chance.randrange(9, 16)}; Phone {chance.randrange(40)}) "
        f"Chrome/{chance.randrange(100, 120)}.0.0.0 Mobile Safari/537.36"
    )
    device = {"user_agent": agent, "can_passkey": True}
    locale = chance.choice(["en", "de-AT"])
    return json.dumps({"external_id": f"standard-{number}", "locale": locale, "device": device}).encode()


def _take_turn(server: ServedProcess, request: Request, rate: float, seconds: float) -> MeasuredTurn:
    worked = server.worked()
    latencies = asyncio.run(ask(server.port, request, rate=rate, seconds=seconds))
    if latencies.failed:
        sys.exit(f"{len(latencies.failed)} requests failed, the first by {latencies.failed[0].decode()}")
    return MeasuredTurn(latencies=latencies, worked=(server.worked() - worked) / len(latencies.seconds))


def _print(turns: Mapping[str, Sequence[MeasuredTurn]]) -> None:
    """The median of each figure over the turns, and its ratio to the bare route's."""
    figures = {
        name: [
            median(turn.latencies.percentile(50) for turn in taken),
            median(turn.latencies.percentile(99) for turn in taken),
            median(turn.worked for turn in taken),
        ]
        for name, taken in turns.items()
    }
    [bare, *_] = figures.values()
    for name, (p50, p99, worked) in figures.items():
        print(
            f"  {name:16}  p50 {p50 * 1000:6.2f} ms ({p50 / bare[0]:4.1f} x)   p99 {p99 * 1000:6.2f} ms "
            f"({p99 / bare[1]:4.1f} x)   worked {worked * 1000:5.2f} ms a request ({worked / bare[2]:4.1f} x)"
        )
    print(f"  {machine()}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prompting", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000, help="accounts in the database")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="one database alone")
    parser.add_argument("--processes", type=int, default=2, help="processes of the API, side by side")
    parser.add_argument("--rate", type=float, default=300, help="requests a second")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each server")
    parser.add_argument("--seconds", type=float, default=10, help="how long a turn takes")
    return parser


if __name__ == "__main__":
    main()
