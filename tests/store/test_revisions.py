"""Revisions are read as Alembic reads them, only sooner."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from store import Database, revisions

MIGRATIONS = Path(revisions.__file__).parent / "migrations"


def test_the_newest_revision_is_alembics_head() -> None:
    assert revisions.newest() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_the_revision_of_a_database_is_what_alembic_says(database: Database) -> None:
    with database.engine.connect() as connection:
        assert revisions.current(database) == MigrationContext.configure(connection).get_current_revision()


def test_an_empty_database_is_at_no_revision(empty_url: str) -> None:
    database = Database(empty_url)
    assert revisions.current(database) is None
    database.close()
