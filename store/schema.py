"""The migrations that lead to the schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Transaction
from sqlmodel import func, select, text

from store.engine.database import Database

_MIGRATING = 0x0FF2A391


def migrate(database: Database) -> list[str]:
    """Bring the database to the newest revision; does nothing when it is there. Returns what an operator should know.

    Processes that start together take turns.
    """
    remarks: list[str] = []
    with database.bare_connection() as connection, _begun(connection):
        if not database.is_sqlite:  # SQLite has just begun as its only writer
            # A table is changed when all who use it have ended, and another process may just be migrating.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        config = _config()
        config.attributes.update(connection=connection, remarks=remarks)
        command.upgrade(config, "head")
    return remarks


def _begun(connection: Connection) -> Transaction:
    return connection.execution_options(sqlite_begin="IMMEDIATE").begin()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
