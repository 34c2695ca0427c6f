"""What it costs a transaction that writes to the journal that hosts may subscribe to it.

Three kinds of transactions take turns, each in a database of its own: one that does not ask for subscriptions at all,
one that asks and finds none, and one that finds a subscription and adds a delivery.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from statistics import median
from unittest.mock import patch

from sqlalchemy import literal

from benchmarks.fixtures import machine, populate
from domain.journal import Actor, EventKind
from store import Database, schema
from store.people import accounts, journal
from store.webhooks import subscriptions
from store.webhooks.subscriptions import WebhookSubscription
from tests.postgres import Unavailable, running_server


class Listeners(StrEnum):
    """Who hears of the journal."""

    NOT_ASKED = "not asked for"
    NONE = "no subscription"
    ONE = "one subscription"


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where it is installed."""
    options = _parser().parse_args()
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        try:
            with opened() as databases:
                print(f"{name}; {machine()}")
                _measure(databases, rounds=options.rounds, transactions=options.transactions)
        except Unavailable as reason:
            print(f"{name}: not measured, {reason}")


def _measure(databases: dict[Listeners, Database], *, rounds: int, transactions: int) -> None:
    account_ids = {who: _prepared(database, who) for who, database in databases.items()}
    times: dict[Listeners, list[float]] = {who: [] for who in Listeners}
    for number in range(rounds):
        for who in list(Listeners)[:: 1 if number % 2 else -1]:
            with _asked(is_asked=who is not Listeners.NOT_ASKED):
                times[who].append(_write(databases[who], account_ids[who], transactions))
    bare = median(times[Listeners.NOT_ASKED])
    for who, seconds in times.items():
        middle = median(seconds)
        print(f"  {who:18} {middle * 1000:.3f} ms a transaction, {middle / bare:.3f} times the bare one")


def _prepared(database: Database, who: Listeners) -> str:
    """An account in a database that has the listeners."""
    populate(database, 100, tier="standard")
    if who is Listeners.ONE:
        everything = WebhookSubscription(
            name="all",
            url="https://host.invalid/",
            sealed_secret=b"",
            made_by="bench",
            made_at=datetime.now(UTC),
        )
        with database.transaction() as session:
            subscriptions.add(session, everything)
    with database.reading() as session:
        return next(accounts.each_id(session, batch=1))[0]


def _write(database: Database, account_id: str, transactions: int) -> float:
    began_at = time.perf_counter()
    for _ in range(transactions):
        with database.transaction() as session:
            journal.append(session, account_id, EventKind.SIGNED_IN, at=datetime.now(UTC), actor=Actor.PERSON)
    return (time.perf_counter() - began_at) / transactions


@contextmanager
def _asked(*, is_asked: bool) -> Iterator[None]:
    """Have the journal not ask for subscriptions, if it is not to."""
    if is_asked:
        yield
        return
    with patch.object(subscriptions, "is_any_current", lambda: literal(value=False)):
        yield


@contextmanager
def _sqlite() -> Iterator[dict[Listeners, Database]]:
    with tempfile.TemporaryDirectory(prefix="offramp-benchmark-") as directory:
        databases = {who: Database(f"sqlite:///{Path(directory) / who.name}.db") for who in Listeners}
        for database in databases.values():
            schema.migrate(database)
        yield databases
        for database in databases.values():
            database.close()


@contextmanager
def _postgresql() -> Iterator[dict[Listeners, Database]]:
    with ExitStack() as stack:
        server = stack.enter_context(running_server())
        databases = {who: Database(stack.enter_context(server.fresh_database())) for who in Listeners}
        yield databases
        for database in databases.values():
            database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12, help="how many turns each kind has")
    parser.add_argument("--transactions", type=int, default=200, help="how many transactions a turn has")
    return parser


if __name__ == "__main__":
    main()
