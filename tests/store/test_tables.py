"""Whoever writes knows every table, also when it has imported few of them itself."""

import subprocess
import sys
from pathlib import Path

WRITES = """
import sys
from datetime import UTC, datetime
from store import Database
from store.people import sessions
from store.people.sessions import WebSession
now = datetime.now(UTC)
with Database(sys.argv[1]).transaction() as session:
    sessions.start(session, "token", WebSession(started_at=now, expires_at=now))
"""


def test_a_process_that_imports_one_table_can_write_to_it(migrated_sqlite: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(migrated_sqlite.read_bytes())
    subprocess.run([sys.executable, "-c", WRITES, f"sqlite:///{copy}"], check=True)
