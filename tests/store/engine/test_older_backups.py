"""A backup that is older than this Offramp is put back and migrated, as docs/backup.md says."""

from pathlib import Path

from alembic import command

from store import Database, revisions, schema
from tests import backups

BEFORE = "0030"


def test_a_backup_of_an_older_revision_is_put_back_and_migrated(empty_url: str, tmp_path: Path) -> None:
    database = Database(empty_url)
    try:
        config = schema._config()
        with database.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, BEFORE)
        backup = backups.take(database, tmp_path)
        schema.migrate(database)
        backups.put_back(database, backup)
        assert revisions.current(database) == BEFORE
        schema.migrate(database)
        assert revisions.current(database) == revisions.newest()
    finally:
        database.close()
