"""`offramp migrate`: brings the database to the revision that this code needs."""

from offramp.opening import make_database, runnable_settings
from offramp.views.terminal import note
from store import revisions, schema


def migrate() -> None:
    """Bring the database to the newest revision, and say what it was at before."""
    database = make_database(runnable_settings())
    before = revisions.current(database)
    remarks = schema.migrate(database)
    after = revisions.current(database)
    database.close()
    note(
        f"The database is at revision {after}."
        if before == after
        else f"Revision {before or 'none'} → {after}."
    )
    for remark in remarks:
        note(remark)
