"""What tests are given does not depend on the test before."""

import threading
from pathlib import Path

from sqlmodel import text

from store import Database
from tests.databases import SqliteDatabases


def test_a_thread_that_outlives_its_test_leaves_no_connection_to_the_next(tmp_path: Path) -> None:
    databases = SqliteDatabases(tmp_path)
    with databases.emptied() as database:
        pass
    late = threading.Thread(target=database.ping)
    late.start()
    late.join()
    with databases.emptied() as database:
        with database.transaction() as session:
            session.execute(text("CREATE TABLE kept (number INTEGER)"))
        with Database(database.url).reading() as session:
            assert session.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0
    databases.close()
