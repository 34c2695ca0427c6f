"""Databases that cannot be used: nobody there, a full disk, a file that can only be read, a lock that stays."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from store import Database


@contextmanager
def nobody_there(database: Database) -> Iterator[None]:
    """SQLite answers as it does when its directory has gone."""

    def fail(*_: object) -> Any:
        return sqlite3.connect("file:/nowhere/at/all.db?mode=rw", uri=True)

    yield from _changed(database, "do_connect", fail)


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """SQLite answers as it does on a full disk: everything can be read, and no page can be added."""

    def fill(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    yield from _changed(database, "connect", fill)


@contextmanager
def only_read(database: Database) -> Iterator[None]:
    """SQLite answers as it does when the file can only be read."""

    def close_to_writers(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    yield from _changed(database, "connect", close_to_writers)


def _changed(database: Database, name: str, act: Any) -> Iterator[None]:
    database.engine.dispose()
    event.listen(database.engine, name, act)
    try:
        yield
    finally:
        event.remove(database.engine, name, act)
        database.engine.dispose()
