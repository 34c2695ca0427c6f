"""Backups that are taken of a database while it is in use, and put back in its place, as docs/backup.md says."""

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

from store import Database
from store.engine.engines import file_of
from tests.postgres import server_binaries


def take(database: Database, directory: Path) -> Path:
    """A backup of the database as it is now."""
    return _sqlite_backup(database, directory) if database.is_sqlite else _dump(database, directory)


def put_back(database: Database, backup: Path) -> None:
    """The database as the backup has it. Nobody else may be connected."""
    database.engine.dispose()
    if database.is_sqlite:
        _replace(database, backup)
    else:
        there = f"--dbname={_url(database)}"
        _run("psql", there, "--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public")
        _run("pg_restore", "--exit-on-error", "--single-transaction", there, backup)


def _sqlite_backup(database: Database, directory: Path) -> Path:
    backup = directory / "backup.db"
    with contextlib.closing(sqlite3.connect(_file(database))) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    return backup


def _replace(database: Database, backup: Path) -> None:
    path = _file(database)
    for name in ("-wal", "-shm"):
        path.with_name(f"{path.name}{name}").unlink(missing_ok=True)
    copy = path.with_name(f"{path.name}-copy")
    shutil.copy(backup, copy)
    copy.replace(path)


def _dump(database: Database, directory: Path) -> Path:
    backup = directory / "backup.dump"
    _run("pg_dump", "--format=custom", f"--file={backup}", _url(database))
    return backup


def _run(tool: str, *arguments: str | Path) -> None:
    done = subprocess.run([server_binaries() / tool, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _url(database: Database) -> str:
    return database.url.replace("postgresql+psycopg", "postgresql")


def _file(database: Database) -> Path:
    path = file_of(database.url)
    assert path
    return path
