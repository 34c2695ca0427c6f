"""`offramp migrate`: brings the database to the revision that this code needs."""

from offramp.opening import runnable_settings
from offramp.views.terminal import note
from offramp.wiring import make_database
from store import schema


def migrate() -> None:
    """Bring the database to the newest revision, and say what it was at before."""
    database = make_database(runnable_settings())
    before = schema.revision(database)
    schema.migrate(database)
    after = schema.revision(database)
    database.close()
    note(
        f"The database is at revision {after}."
        if before == after
        else f"Revision {before or 'none'} → {after}."
    )
