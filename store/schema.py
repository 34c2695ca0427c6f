"""The whole schema in one place, and the migrations that lead to it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel, func, select

from store.engine import heartbeats, throttles
from store.engine.database import Database
from store.journeys import journeys, policies, sms, troubles
from store.messages import callback_counts, contact_faults, messages, outages
from store.people import (
    accounts,
    challenges,
    failed_ceremonies,
    journal,
    links,
    one_time_codes,
    passkeys,
    recovery_codes,
    sessions,
)
from store.rollouts import cohorts, members, tallies
from store.safety import objections, rescues
from store.staff import audit, staff, staff_keys, staff_passkeys, staff_requests, staff_sessions

_MIGRATING = 0x0FF2A391
METADATA = SQLModel.metadata
TABLE_MODULES = (
    accounts,
    audit,
    callback_counts,
    challenges,
    cohorts,
    contact_faults,
    failed_ceremonies,
    heartbeats,
    journal,
    journeys,
    links,
    members,
    messages,
    objections,
    one_time_codes,
    outages,
    passkeys,
    policies,
    recovery_codes,
    rescues,
    sessions,
    sms,
    staff,
    staff_keys,
    staff_passkeys,
    staff_requests,
    staff_sessions,
    tallies,
    throttles,
    troubles,
)


def migrate(database: Database) -> None:
    """Bring the database to the newest revision; does nothing when it is there.

    Processes that start together take turns.
    """
    with (
        database.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection,
        connection.begin(),
    ):
        if not database.is_sqlite:  # SQLite has just begun as its only writer
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The revision this code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
