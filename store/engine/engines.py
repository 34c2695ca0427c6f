"""Makes the engine of a database: its pool of connections, and what each new connection is told."""

import math
import os
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, Dialect, ExceptionContext, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import create_engine

from store.engine.absences import away_of

LONGEST_LOCK = timedelta(seconds=15)
"""How long one waits for what another transaction holds, before the database counts as busy."""

_ANSWERS_WITHIN = {
    "connect_timeout": "5",  # seconds; without it one waits for ever
    # A server that lost its power says nothing: its connections end after some 25 seconds without a sign of it.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",  # milliseconds
}
"""What libpq is told, where the URL does not say it (https://www.postgresql.org/docs/current/libpq-connect.html)."""

_LOOK_AGAIN_SECONDS = 0.01
_RESTS_SINCE = "rests_since"
_TRUSTED_SECONDS = 1.0
"""How long a connection may have rested and is used without asking whether it still works."""


class Synchronous(StrEnum):
    """When SQLite has a transaction on the disk: at its commit, or not before the next checkpoint."""

    FULL = "FULL"
    NORMAL = "NORMAL"


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The connections of one process: the `most` it has open at once, and how long it waits for a free one.

    They are opened when they are needed, and stay open.
    """

    most: int = 15
    wait: timedelta = timedelta(seconds=10)

    def options(self) -> dict[str, Any]:
        """What SQLAlchemy's pool is told."""
        return {"pool_size": self.most, "max_overflow": 0, "pool_timeout": self.wait.total_seconds()}


def require_url(url: str) -> None:
    """Raise ValueError for a URL whose parts are misread. It shows no part: that may be a piece of the password."""
    try:
        parts = make_url(url)
    except ValueError:
        raise ValueError("its port is no number") from None
    if "@" in (parts.host or ""):
        raise ValueError("a password writes @ as %40, and / as %2F")


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for any other database."""
    name = make_url(url)
    is_file = name.get_backend_name() == "sqlite" and name.database not in (None, "", ":memory:")
    return Path(name.database or "").absolute() if is_file else None


def make_engine(url: str, pool: Pool, synchronous: Synchronous) -> Engine:
    """The engine of SQLite or PostgreSQL. What its connections raise while it cannot be used is DatabaseAway."""
    name = make_url(url)
    if name.get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool, synchronous)
    return _postgresql_engine(name, pool)


def _postgresql_engine(url: URL, pool: Pool) -> Engine:
    waiting = {name: value for name, value in _ANSWERS_WITHIN.items() if name not in url.query}
    engine = create_engine(url, connect_args=waiting, hide_parameters=True, **pool.options())
    event.listen(engine, "do_connect", _connect_knocking)
    event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", partial(_ask_whether_it_works, engine.dialect))
    event.listen(engine, "handle_error", _hide_details)
    event.listen(engine, "handle_error", _name_absence)
    return engine


def _connect_knocking(_dialect: object, _record: object, arguments: Any, parameters: dict[str, Any]) -> Any:
    # The driver takes its time to load, and SQLite needs none.
    from store.engine.silences import KnockingConnection

    return KnockingConnection.connect(*arguments, **parameters)


def _configure_postgresql(connection: Any, _record: object) -> None:
    # Every query here is short: compiling it takes many times as long as running it.
    connection.execute("SET jit = off")
    connection.execute(f"SET lock_timeout = '{LONGEST_LOCK.total_seconds():.0f}s'")
    connection.commit()


def _note_rest(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS_SINCE] = time.monotonic()


def _ask_whether_it_works(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _checked_out: object
) -> None:
    """Have the pool open another connection in place of one that ended while it rested.

    SQLAlchemy's own `pool_pre_ping` asks at each use, which takes as long as a short statement does.
    """
    if time.monotonic() - record.info.get(_RESTS_SINCE, math.inf) < _TRUSTED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        raise DisconnectionError from None


def _hide_details(failure: ExceptionContext) -> None:
    """PostgreSQL repeats values of the row in the details of its errors, whatever SQLAlchemy hides."""
    whole = str(failure.original_exception)
    summary = (whole.splitlines() or [""])[0]
    for error in (failure.original_exception, failure.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(
                part.replace(whole, summary) if isinstance(part, str) else part for part in error.args
            )


def _name_absence(failure: ExceptionContext) -> None:
    if away := away_of(failure.original_exception):
        raise away


def _sqlite_engine(url: str, pool: Pool, synchronous: Synchronous) -> Engine:
    path = file_of(url)
    if path:
        _make_private_file(path)
    waiting = {"check_same_thread": False, "timeout": LONGEST_LOCK.total_seconds()}
    pooling = pool.options() if path else {}  # a database in memory is one connection
    engine = create_engine(url, connect_args=waiting, hide_parameters=True, **pooling)
    event.listen(engine, "connect", partial(_configure_sqlite, synchronous))
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _name_absence)
    return engine


def _make_private_file(path: Path) -> None:
    """A new database is its owner's alone. SQLite gives the files of its log the mode of the database."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(OSError):  # SQLite itself says better what is wrong
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _configure_sqlite(synchronous: Synchronous, connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN below decides how a transaction starts
    _switch_to_wal(connection)
    # A person's device keeps a passkey that a power cut takes from us. Without `fullfsync`, macOS stops at the drive.
    for pragma in (f"synchronous={synchronous}", "fullfsync=ON", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: Any) -> None:
    """Each file needs this once; SQLite's busy timeout does not cover several processes opening a new file at once."""
    deadline = time.monotonic() + LONGEST_LOCK.total_seconds()
    while connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)


def _begin_sqlite(connection: Any) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if mode:
        connection.exec_driver_sql(f"BEGIN {mode}")
