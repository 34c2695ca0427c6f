"""How long the console's pages take with a million accounts, and a million entries in the journal.

Every figure is also given as a ratio to the console's page of sign-in, which reads no account, in the same run.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import insert

from benchmarks.databases import on_postgresql, on_sqlite
from benchmarks.fixtures import machine
from benchmarks.stuck_people import NOW, SearchedPerson, populate
from domain.journal import Actor, EventKind
from providers.inbox import Inbox
from store import Database
from store.people.journal import JournalEntry
from store.rollouts import cohorts
from tests.api.console.operators import SITE, operator
from tests.api.world import Browser, make_world
from tests.clocks import FakeClock
from tests.postgres import Unavailable

_BATCH = 10_000
_DAYS = 30
_HAPPENED = (
    EventKind.JOURNEY_STARTED,
    EventKind.PASSKEY_BOUND,
    *[EventKind.PASSKEY_SIGNED_IN] * 4,
    *[EventKind.SIGNED_IN] * 8,
    EventKind.NUDGED,
    EventKind.SIGN_IN_FAILED,
)
"""What a day consists of."""


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where it is installed."""
    options = _parser().parse_args()
    for name, opened in (("PostgreSQL", on_postgresql), ("SQLite", on_sqlite)):
        if options.on not in (None, name.lower()):
            continue
        try:
            with opened() as database, tempfile.TemporaryDirectory() as home:
                people = populate(database, options.people)
                _let_happen(database, people, options.entries)
                print(f"{name}: {options.people} accounts, {options.entries} entries in {_DAYS} days")
                measure(database, people, options.rounds, home=Path(home))
        except Unavailable as reason:
            print(f"{name}: not measured, {reason}")


def measure(database: Database, people: Sequence[SearchedPerson], rounds: int, *, home: Path) -> None:
    """Print how long each page takes from its request to its last byte; the pages take turns."""
    clock = FakeClock(NOW)
    world = make_world(database, clock, inbox=Inbox(home / "inbox.ndjson", clock), **SITE)
    browser, pages = operator(world), _pages(database, people)
    print(f"  {machine()}")
    firsts = {name: _timed(browser, path) for name, path in pages.items()}
    timings: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(rounds):
        for name, path in pages.items():
            timings[name].append(_timed(browser, path))
    bare = median(timings["sign-in"])
    for name, seconds in timings.items():
        p95 = quantiles(seconds, n=20)[-1]
        print(
            f"  {name:30} first {firsts[name] * 1000:8.1f} ms   p50 {median(seconds) * 1000:8.1f} ms"
            f"   p95 {p95 * 1000:8.1f} ms   {median(seconds) / bare:6.1f} x the page of sign-in"
        )
    print(f"  {machine()}")


def _pages(database: Database, people: Sequence[SearchedPerson]) -> dict[str, str]:
    with database.reading() as session:
        cohort = f"/console/cohorts/{cohorts.every(session)[0].cohort_id}"
    return {
        "sign-in": "/console/sign-in",
        "today": "/console/home",
        "cohorts": "/console",
        "a cohort": cohort,
        "a cohort's end date": f"{cohort}/end",
        "a cohort's edit": f"{cohort}/edit",
        "passed over": f"{cohort}/passed-over",
        "adoption": "/console/adoption",
        "adoption of a cohort": f"/console/adoption?cohort={cohort.rpartition('/')[2]}",
        "desk": "/console/desk",
        "stuck": "/console/stuck",
        "a case": f"/console/cases/{people[0].account_id}",
        "exempt": "/console/desk/exempt",
        "one loss away": "/console/desk/one-loss",
        "approvals": "/console/approvals",
        "audit": "/console/audit",
        "switches": "/console/switches",
        "guard": "/console/guard",
        "webhooks": "/console/webhooks",
        "staff": "/console/staff",
    }


def _timed(browser: Browser, path: str) -> float:
    began_at = time.perf_counter()
    answer = browser.client.get(path)
    took = time.perf_counter() - began_at
    if answer.status_code != 200:
        raise SystemExit(f"{path} answers {answer.status_code}")
    return took


def _let_happen(database: Database, people: Sequence[SearchedPerson], entries: int) -> None:
    """Write a journal of the last days, of some of the people."""
    chance = random.Random(1)
    for start in range(0, entries, _BATCH):
        rows = [
            _entry(chance, chance.choice(people), version=start + number)
            for number in range(min(_BATCH, entries - start))
        ]
        with database.transaction() as session:
            session.execute(insert(JournalEntry), rows)


def _entry(chance: random.Random, person: SearchedPerson, *, version: int) -> dict[str, object]:
    kind = chance.choice(_HAPPENED)
    at = NOW - timedelta(days=_DAYS * chance.random())
    detail = {"method": "sms"} if kind is EventKind.SIGNED_IN else {}
    return {
        "account_id": person.account_id,
        "version": version,
        "kind": kind,
        "actor": Actor.PERSON,
        "at": at,
        "detail": detail,
        "published_at": at,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console_pages", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="accounts in the database")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries in the journal")
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="one database alone")
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked for")
    return parser


if __name__ == "__main__":
    main()
