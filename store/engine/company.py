"""Says who else is at work on the database: nobody may be, when it begins another epoch."""

import contextlib
import sqlite3

from sqlmodel import Session, col, select, text

from store.engine.database import Database
from store.engine.engines import file_of
from store.engine.heartbeats import Heartbeat

_OF_OPERATORS = ("psql%", "pg\\_%", "pgAdmin%")
"""What operators connect with, who only look."""


def connected(database: Database) -> list[str]:
    """Who else is connected to the database, in words; empty if nobody is. Ends this process's own connections."""
    database.engine.dispose()
    return _holders(database) if database.is_sqlite else _clients(database)


def beats(session: Session) -> dict[str, str]:
    """The last sign of life of each process, by name. What beats between two looks is alive."""
    return {
        beat.name: beat.at.isoformat()
        for beat in session.exec(select(Heartbeat).order_by(col(Heartbeat.name)))
    }


def _holders(database: Database) -> list[str]:
    """SQLite knows that a file is open elsewhere, and not by whom: then nobody can have it alone."""
    path = file_of(database.url)
    if path is None:
        return []
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as busy:
            return [f"a process that has {path.name} open ({busy})"]
    return []


def _clients(database: Database) -> list[str]:
    others = text(
        "SELECT pid, coalesce(nullif(application_name, ''), 'a process'), coalesce(host(client_addr), 'this machine') "
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend' AND usename = current_user "
        "AND NOT coalesce(application_name, '') LIKE ANY (:operators)"
    ).bindparams(operators=list(_OF_OPERATORS))
    with database.reading() as session:
        return [f"{name} from {address} (connection {pid})" for pid, name, address in session.execute(others)]
