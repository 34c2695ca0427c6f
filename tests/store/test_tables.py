"""Whoever writes knows every table, also when it has imported few of them itself."""

import subprocess
import sys
from pathlib import Path

WRITES = """
import sys
from datetime import UTC, datetime
from domain.staff.staff import AuditKind, Author
from store import Database
from store.staff import audit
with Database(sys.argv[1]).transaction() as session:
    audit.append(session, Author(by="ada", came_from="here"), AuditKind.KEY_MADE, at=datetime.now(UTC))
"""


def test_a_process_that_imports_one_table_can_write_to_it(migrated_sqlite: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(migrated_sqlite.read_bytes())
    subprocess.run([sys.executable, "-c", WRITES, f"sqlite:///{copy}"], check=True)
