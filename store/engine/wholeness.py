"""Whether a file of SQLite is whole."""

from sqlmodel import text

from store.engine.database import Database

_MOST_FAULTS = 5


def faults(database: Database) -> list[str]:
    """What SQLite's own check finds; none if the file is whole. It reads all of the file. Raises DatabaseAway.

    https://www.sqlite.org/pragma.html#pragma_quick_check
    """
    with database.bare_connection() as connection:
        lines = [str(line) for line in connection.scalars(text(f"PRAGMA quick_check({_MOST_FAULTS})"))]
    return [line for line in lines if line != "ok"]
