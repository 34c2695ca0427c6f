"""Opens the database and its transactions; on SQLite, the writers of a process take turns."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel, text

from store.engine.absences import DatabaseAway, away_of
from store.engine.engines import LONGEST_LOCK, Pool, Synchronous, make_engine
from store.engine.turns import FirstComeLock

CLASH = IntegrityError
"""What a call raises when a rule of the tables stands against it; see `is_taken`."""

UNUSABLE = (ArgumentError, ImportError, ValueError)
"""What opening a database raises when its URL is not valid, or names a driver that is not installed."""

_UNIQUE_OF_SQLITE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
_UNIQUE_VIOLATION = "23505"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
_WAKES_RELAY = "wakes_relay"
_AT_COMMIT = "at_commit"

CHANNEL = "offramp"
"""The PostgreSQL notification channel on which a relay hears of new work."""


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


class Database:
    """One database, SQLite or PostgreSQL, named by its SQLAlchemy URL. `notes` are in the `info` of each session.

    Every way to use it raises DatabaseAway while it cannot be used, and tells `on_absence` of that. What is committed
    survives a power cut, unless a benchmark says otherwise by `synchronous`.
    """

    def __init__(
        self,
        url: str,
        notes: Mapping[str, object] | None = None,
        *,
        pool: Pool | None = None,
        synchronous: Synchronous = Synchronous.FULL,
    ) -> None:
        self.url = url
        self.notes = dict(notes or {})
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = make_engine(url, pool or Pool(), synchronous)
        self.on_absence: Callable[[DatabaseAway], None] | None = None
        self._glances = self.engine.execution_options(
            **({"sqlite_begin": None} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        self._turn = FirstComeLock(LONGEST_LOCK.total_seconds()) if self.is_sqlite else nullcontext()
        self._is_closed = False
        event.listen(self.engine, "checkin", self._end_if_closed)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that may write; it commits when the block ends, and rolls back on any error."""
        _know_every_table()
        with self._named(), self._turn, self._session() as session:
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
        with self._named(), self._session() as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For statements that read and stand alone, each of them without a transaction and without the ORM.

        A transaction's beginning and end, and the session around it, take several times as long as a short statement.
        """
        with self._named(), self._glances.connect() as connection:
            yield connection

    @contextmanager
    def own_connection(self) -> Iterator[Session]:
        """A session with a connection of its own, for temporary tables: both end with the block.

        It may commit as often as it likes, and reads the other tables only.
        """
        with self._named(), self.engine.connect() as connection:
            connection.detach()
            with Session(connection, expire_on_commit=False, info=dict(self.notes)) as session:
                yield session

    @contextmanager
    def bare_connection(self) -> Iterator[Connection]:
        """A connection for what is no business of any table: the schema itself, and checks of the files."""
        with self._named(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def own_driver(self) -> Iterator[Any]:
        """The driver's own connection, apart from the pool; whoever takes it closes it."""
        with self._named():
            connection = self.engine.raw_connection()
            driver: Any = connection.driver_connection
            connection.detach()
            yield driver

    def ping(self) -> None:
        """Raise DatabaseAway if the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """End every connection; a connection in use by another thread ends when that thread is done with it."""
        self._is_closed = True
        self.engine.dispose()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Raise DatabaseAway in place of what the driver raises when the database cannot be used, and tell of it."""
        try:
            yield
        except Exception as error:
            away = away_of(error)
            if away is None:
                raise
            if self.on_absence:
                self.on_absence(away)
            # What caused it would go with it, into Temporal's histories too.
            raise away from None

    def _session(self) -> Session:
        return Session(self.engine, expire_on_commit=False, info=dict(self.notes))

    def _end_if_closed(self, _driver: object, connection: ConnectionPoolEntry) -> None:
        if self._is_closed:
            connection.invalidate()


def _know_every_table() -> None:
    """A row that refers to another table can be written only when that one is known; commands that read do without."""
    from store import tables  # noqa: F401
