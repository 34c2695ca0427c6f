"""What time it is by the database's clock: the server's for PostgreSQL, and the file system's for SQLite.

SQLite has no server, but its file system stamps every file. Nothing that one process is told of the time changes that.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile

from sqlmodel import Session, text

from domain.ports import Clock
from store.engine.engines import file_of

STAMPED_WITHIN = timedelta(milliseconds=10)
"""A file system stamps with the time of its last tick; Linux ticks a hundred times a second or more."""

CLOCK = "clock"
"""Under this name, a database's notes hold the clock that follows the database's, if there is one."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Zero:
    """Between which moments, by the database's clock, a steady clock stood at zero."""

    earliest: datetime
    latest: datetime


def measure(session: Session, steady: Callable[[], float]) -> Zero | None:
    """Ask the database for its time. `steady` counts seconds, whatever the machine's clock says.

    None if a SQLite database has no file, or its folder takes none now.
    """
    connection = session.connection()  # to open one takes a while, which would make the answer less exact
    path = file_of(connection.engine.url.render_as_string()) if connection.dialect.name == "sqlite" else None
    before = steady()
    if connection.dialect.name == "postgresql":
        stamp, coarseness = connection.execute(text("SELECT clock_timestamp()")).scalar_one(), timedelta()
    elif path and (stamp := _stamp(path.parent)):
        coarseness = STAMPED_WITHIN
    else:
        return None
    after, at = steady(), stamp.astimezone(UTC)
    return Zero(earliest=at - timedelta(seconds=after), latest=at + coarseness - timedelta(seconds=before))


def not_ahead(session: Session, at: datetime) -> datetime:
    """A moment, or the present one where that comes first: what has happened has not happened in the future.

    The time of a workflow is that of Temporal's server, whose clock may be ahead of the database's.
    """
    clock: Clock | None = session.info.get(CLOCK)
    return min(at, clock()) if clock else at


def _stamp(folder: Path) -> datetime | None:
    """The time that the file system gives to a file that is new; the file is gone at once."""
    try:
        with TemporaryFile(dir=folder) as file:
            return _BEGINNING + timedelta(microseconds=os.fstat(file.fileno()).st_mtime_ns // 1000)
    except OSError:
        return None
