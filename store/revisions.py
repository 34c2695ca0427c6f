"""Which revision the database is at, and which one this code needs: asked by every command, so without Alembic."""

import re
from pathlib import Path

from sqlalchemy import inspect, text

from store.engine.database import Database

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.bare_connection() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def newest() -> str:
    """The revision this code needs: the migration after which there is none."""
    named = [pair for file in _VERSIONS.glob("*.py") for pair in _NAMED.findall(file.read_text())]
    revisions: set[str] = {revision for name, revision in named if name == "revision"}
    (last,) = revisions - {revision for name, revision in named if name == "down_revision"}
    return last
