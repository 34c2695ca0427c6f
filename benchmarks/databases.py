"""An empty database of either kind, for as long as a benchmark measures it."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.fixtures import ground
from store import Database
from tests.postgres import running_server


@contextmanager
def on_sqlite() -> Iterator[Database]:
    """A database in a temporary directory."""
    with ground(with_temporal=False) as place:
        database = Database(place.settings.database_url)
        yield database
        database.close()


@contextmanager
def on_postgresql() -> Iterator[Database]:
    """A database of a server of its own. Raises Unavailable of `tests.postgres` where there is no server to run."""
    with running_server() as server, server.fresh_database() as url:
        database = Database(url)
        yield database
        database.close()
