"""What it means that a database cannot be used now, in one word each, whatever its driver says."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from domain.errors import OfframpError


class Absence(StrEnum):
    """Why a database cannot be used now."""

    AWAY = "away"
    CROWDED = "crowded"
    BUSY = "busy"
    FULL = "full"
    READ_ONLY = "read_only"
    FAILING = "failing"


_WORDS = {
    Absence.AWAY: "the database does not answer",
    Absence.CROWDED: "the database has no connection free",
    Absence.BUSY: "the database was locked for too long",
    Absence.FULL: "the disk of the database is full",
    Absence.READ_ONLY: "the database can only be read",
    Absence.FAILING: "the storage of the database fails",
}

_BY_SQLSTATE = {
    "08": Absence.AWAY,  # connection exception
    "28": Absence.AWAY,  # invalid authorization
    "3D": Absence.AWAY,  # there is no such database
    "53": Absence.CROWDED,  # insufficient resources
    "53100": Absence.FULL,
    "25006": Absence.READ_ONLY,
    "25P03": Absence.BUSY,  # a transaction was idle for too long
    "25P04": Absence.BUSY,  # a transaction took too long
    "40001": Absence.BUSY,  # serialization failure
    "40P01": Absence.BUSY,  # deadlock
    "55P03": Absence.BUSY,  # lock not available
    "57014": Absence.BUSY,  # cancelled, by a limit of time
    "57P": Absence.AWAY,  # it shuts down, or starts up
    "58": Absence.FAILING,  # a file of its own cannot be read or written
    "XX001": Absence.FAILING,  # corrupted data
    "XX002": Absence.FAILING,  # a corrupted index
}
"""By the longest beginning of the code (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

_BY_NAME_OF_SQLITE = {
    "SQLITE_BUSY": Absence.BUSY,
    "SQLITE_LOCKED": Absence.BUSY,
    "SQLITE_PROTOCOL": Absence.BUSY,
    "SQLITE_FULL": Absence.FULL,
    "SQLITE_READONLY": Absence.READ_ONLY,
    "SQLITE_CANTOPEN": Absence.AWAY,
    "SQLITE_IOERR_SHMSIZE": Absence.FULL,  # not even the index of its log finds room
    "SQLITE_IOERR": Absence.FAILING,
    "SQLITE_CORRUPT": Absence.FAILING,
    "SQLITE_NOTADB": Absence.FAILING,
}
"""By the first beginning of the code's name that fits (https://www.sqlite.org/rescode.html)."""

_CROWDED_WORDS = ("too many clients", "too many connections", "remaining connection slots")
"""What PostgreSQL says to whoever cannot connect for that; the driver hands on no code then."""

_LOST_CONNECTION = ("OperationalError", "InterfaceError", "ConnectionTimeout")


class DatabaseAway(OfframpError):
    """The database cannot be used now, for no fault of the request; what was under way may be tried again.

    `reason` is the first line of what the driver said. It holds no value of a row, but names of servers and users:
    it is for the operator, and for nobody else. The text of the error is calm and holds none of that.
    """

    def __init__(self, absence: Absence, reason: str = "") -> None:
        super().__init__(_WORDS[absence])
        self.absence = absence
        self.reason = reason


def absence_of(error: BaseException) -> Absence | None:
    """Why the database cannot be used; None if the error has another cause, such as a mistake of ours."""
    if isinstance(error, NoFreeConnection):
        return Absence.CROWDED
    driver_error = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(driver_error, sqlite3.Error):
        return _of_sqlite(driver_error)
    return _of_postgresql(driver_error) if hasattr(driver_error, "sqlstate") else None


def away_of(error: BaseException) -> DatabaseAway | None:
    """The same as an error of ours that holds nothing of the driver's but its first line."""
    if isinstance(error, DatabaseAway):
        return error
    absence = absence_of(error)
    if absence is None:
        return None
    whole = str(error.orig if isinstance(error, DBAPIError) else error)
    return DatabaseAway(absence, (whole.splitlines() or [""])[0])


def _of_sqlite(error: sqlite3.Error) -> Absence | None:
    name = getattr(error, "sqlite_errorname", "")
    return next((absence for start, absence in _BY_NAME_OF_SQLITE.items() if name.startswith(start)), None)


def _of_postgresql(error: object) -> Absence | None:
    sqlstate: str | None = getattr(error, "sqlstate", None)
    if sqlstate is None:
        return _of_lost_connection(error)
    starts = (sqlstate[:length] for length in (5, 3, 2))
    return next((_BY_SQLSTATE[start] for start in starts if start in _BY_SQLSTATE), None)


def _of_lost_connection(error: object) -> Absence | None:
    """An error without a code comes from the driver itself: it has no connection, or lost it."""
    if type(error).__name__ not in _LOST_CONNECTION:
        return None
    is_crowded = any(words in str(error) for words in _CROWDED_WORDS)
    return Absence.CROWDED if is_crowded else Absence.AWAY
