"""Opens the database and its transactions; SQLite gets WAL and one writer at a time per process."""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel, create_engine, text

UNREACHABLE = (OperationalError, InterfaceError)
"""What any call raises when the database does not answer."""

CLASH = IntegrityError
"""What a call raises when a rule of the tables stands against it; see `is_taken`."""

UNUSABLE = (ArgumentError, ImportError, ValueError)
"""What opening a database raises when its URL is not valid, or names a driver that is not installed."""

_UNIQUE_OF_SQLITE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
_UNIQUE_VIOLATION = "23505"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_BUSY_TIMEOUT_MS = 15_000
_LOOK_AGAIN_SECONDS = 0.01
_WAKES_RELAY = "wakes_relay"
_AT_COMMIT = "at_commit"

CHANNEL = "offramp"
"""The PostgreSQL notification channel on which a relay hears of new work."""


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for any other database."""
    name = make_url(url)
    is_file = name.get_backend_name() == "sqlite" and name.database not in (None, "", ":memory:")
    return Path(name.database or "").absolute() if is_file else None


def is_taken(error: Exception) -> bool:
    """Whether a row could not be added because there is one already, which another transaction may just have added."""
    driver_error = getattr(error, "orig", None)
    is_of_sqlite = getattr(driver_error, "sqlite_errorname", "") in _UNIQUE_OF_SQLITE
    return is_of_sqlite or getattr(driver_error, "sqlstate", "") == _UNIQUE_VIOLATION


def add_new(session: Session, row: SQLModel, *, refusal: Exception) -> None:
    """Add a row. Raises `refusal` when there is one already, which another transaction may just have added."""
    session.add(row)
    try:
        session.flush()
    except CLASH as clash:
        if is_taken(clash):
            raise refusal from clash
        raise


def wake_relay(session: Session) -> None:
    """Have the relay woken when this transaction commits (SQLite's relay notices commits by itself)."""
    session.info[_WAKES_RELAY] = True


def at_commit(session: Session, name: str, act: Callable[[Session], None]) -> None:
    """Have something done last before this transaction commits; under one name, it is done once."""
    session.info.setdefault(_AT_COMMIT, {})[name] = act


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part of a transaction; when this part fails, nothing else is undone."""
    with session.begin_nested():
        yield


class Synchronous(StrEnum):
    """When SQLite has a transaction on the disk: at its commit, or not before the next checkpoint."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class FirstComeLock:
    """A lock that serves waiting threads in the order of their arrival, so that none of them starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        turn = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(turn)
        try:
            turn.wait()
        except BaseException:  # interrupted while waiting: the turn goes to the next
            self._give_up(turn)
            raise

    def __exit__(self, *_: object) -> None:
        self._pass_on()

    def _give_up(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class Database:
    """One database, SQLite or PostgreSQL, named by its SQLAlchemy URL. `notes` are in the `info` of each session.

    What is committed survives a power cut, unless a benchmark says otherwise by `synchronous`.
    """

    def __init__(
        self,
        url: str,
        notes: Mapping[str, object] | None = None,
        *,
        synchronous: Synchronous = Synchronous.FULL,
    ) -> None:
        self.url = url
        self.notes = dict(notes or {})
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, synchronous) if self.is_sqlite else _postgresql_engine(url)
        self._turn = FirstComeLock() if self.is_sqlite else nullcontext()
        self._is_closed = False
        event.listen(self.engine, "checkin", self._end_if_closed)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that may write; it commits when the block ends, and rolls back on any error."""
        _know_every_table()
        with self._turn, self._session() as session:
            # A transaction that reads before it writes cannot be upgraded once another process has written.
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
            yield session
            for act in session.info.get(_AT_COMMIT, {}).values():
                act(session)
            if not self.is_sqlite and session.info.get(_WAKES_RELAY):
                session.execute(text(f"NOTIFY {CHANNEL}"))
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; it never waits for writers."""
        with self._session() as session:
            yield session

    def ping(self) -> None:
        """Raise if the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """End every connection; a connection in use by another thread ends when that thread is done with it."""
        self._is_closed = True
        self.engine.dispose()

    def _session(self) -> Session:
        return Session(self.engine, expire_on_commit=False, info=dict(self.notes))

    def _end_if_closed(self, _driver: object, connection: ConnectionPoolEntry) -> None:
        if self._is_closed:
            connection.invalidate()


def _know_every_table() -> None:
    """A row that refers to another table can be written only when that one is known; commands that read do without."""
    from store import tables  # noqa: F401


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "handle_error", _hide_details)
    return engine


def _configure_postgresql(connection: Any, _record: object) -> None:
    # Every query here is short: compiling it takes many times as long as running it.
    connection.execute("SET jit = off")
    connection.commit()


def _hide_details(failure: ExceptionContext) -> None:
    """PostgreSQL repeats values of the row in the details of its errors, whatever SQLAlchemy hides."""
    whole = str(failure.original_exception)
    summary = (whole.splitlines() or [""])[0]
    for error in (failure.original_exception, failure.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(
                part.replace(whole, summary) if isinstance(part, str) else part for part in error.args
            )


def _sqlite_engine(url: str, synchronous: Synchronous) -> Engine:
    if path := file_of(url):
        _make_private_file(path)
    waiting = {"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000}
    engine = create_engine(url, connect_args=waiting, hide_parameters=True)
    event.listen(engine, "connect", partial(_configure_sqlite, synchronous))
    event.listen(engine, "begin", _begin_sqlite)
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
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)


def _begin_sqlite(connection: Any) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
