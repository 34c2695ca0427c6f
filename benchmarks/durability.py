"""What it costs on SQLite that a commit is on the disk before it returns, as a ratio to `synchronous=NORMAL`.

Both kinds write the same rows into databases of their own, in turns of a few hundred transactions, and every other
round the other kind begins. Nobody else writes meanwhile, so each commit pays for its own wait.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.fixtures import machine, populate
from domain.journal import Actor, EventKind
from store import Database, schema
from store.engine.engines import Synchronous
from store.people import accounts, journal


def main() -> None:
    """Measure both, in turns, and print the ratio of each round and of all."""
    options = _parser().parse_args()
    print(f"{machine()}; databases in {options.directory or tempfile.gettempdir()}")
    with tempfile.TemporaryDirectory(prefix="offramp-benchmark-", dir=options.directory) as directory:
        databases = {kind: _filled(Path(directory) / f"{kind}.db", kind) for kind in Synchronous}
        rounds = [
            _round(databases, number, transactions=options.transactions) for number in range(options.rounds)
        ]
        for database in databases.values():
            database.close()
    ratios = sorted(times[Synchronous.FULL] / times[Synchronous.NORMAL] for times in rounds)
    for kind in Synchronous:
        figures = sorted(times[kind] * 1000 for times in rounds)
        spread = f"{figures[0]:.2f} to {figures[-1]:.2f}"
        print(f"{kind}: median {median(figures):.2f} ms a transaction, {spread}")
    print(f"FULL takes {median(ratios):.2f} times as long ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def _round(
    databases: dict[Synchronous, Database], number: int, *, transactions: int
) -> dict[Synchronous, float]:
    """Seconds for each transaction, by kind."""
    order = list(Synchronous) if number % 2 else list(reversed(Synchronous))
    return {kind: _write(databases[kind], transactions) for kind in order}


def _write(database: Database, transactions: int) -> float:
    with database.reading() as session:
        account_id = next(accounts.each_id(session, batch=1))[0]
    began_at = time.perf_counter()
    for _ in range(transactions):
        with database.transaction() as session:
            journal.append(session, account_id, EventKind.SIGNED_IN, at=datetime.now(UTC), actor=Actor.PERSON)
    return (time.perf_counter() - began_at) / transactions


def _filled(path: Path, synchronous: Synchronous) -> Database:
    database = Database(f"sqlite:///{path}", synchronous=synchronous)
    schema.migrate(database)
    populate(database, 100, tier="standard")
    return database


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--transactions", type=int, default=300, help="of each kind in a round")
    parser.add_argument(
        "--directory", type=Path, help="on the disk to measure; memory has nothing to wait for"
    )
    return parser


if __name__ == "__main__":
    main()
