"""The database of a storm: SQLite or a PostgreSQL server of its own, to restart, to back up, and to bring back."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

from store import Database
from tests import backups
from tests.journeys.site import free_port
from tests.postgres import run_as_server, server_binaries, server_user, start_server

_NAME = "offramp"


class StormDatabase(Protocol):
    """One database, whose backup lies on another disk. `url` is SQLAlchemy's."""

    url: str

    def start(self) -> None:
        """Make it, and answer."""

    def stop(self) -> None:
        """Answer no more."""

    def restart(self) -> None:
        """End without a word to anybody, and answer again."""

    def back_up(self) -> None:
        """Copy what is committed, while others write."""

    def bring_back(self) -> None:
        """Be again what the last backup has, by the steps of docs/backup.md; nobody may be connected."""


class SqliteFile:
    """SQLite, on a disk."""

    def __init__(self, disk: Path, backups: Path) -> None:
        self._path = disk / "offramp.db"
        self._backup = backups / "backup.db"
        self.url = f"sqlite:///{self._path}"

    def start(self) -> None:
        """Whoever opens it first makes it."""

    def stop(self) -> None:
        """There is no server."""

    def restart(self) -> None:
        """There is no server; a storm over SQLite draws no restart."""
        raise NotImplementedError

    def back_up(self) -> None:
        self._backup.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(self._backup)) as copy:
            source.backup(copy)

    def bring_back(self) -> None:
        with closing(Database(self.url)) as database:
            backups.put_back(database, self._backup)
        self._path.chmod(0o600)


class PostgresCluster:
    """A PostgreSQL server whose data lie on a disk."""

    def __init__(self, disk: Path, backups: Path) -> None:
        self._home = disk / "postgres"
        self._backup = backups / "backup.dump"
        self._port = free_port()
        self._binaries, self._user = server_binaries(), server_user()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{_NAME}"

    def start(self) -> None:
        self._home.mkdir()
        if self._user:
            shutil.chown(self._home, self._user)
        start_server(self._binaries, self._home, self._user, self._port)
        self._run("createdb", _NAME)

    def stop(self) -> None:
        self._control("stop", "-m", "fast")

    def restart(self) -> None:
        self._control("restart", "-m", "immediate", "-l", str(self._home / "log"))

    def back_up(self) -> None:
        self._run("pg_dump", "--format=custom", f"--file={self._backup}", _NAME)

    def bring_back(self) -> None:
        with closing(Database(self.url)) as database:
            backups.put_back(database, self._backup)

    def _run(self, program: str, *arguments: str) -> None:
        where = ["-h", "127.0.0.1", "-p", str(self._port), "-U", "postgres"]
        subprocess.run([self._binaries / program, *where, *arguments], check=True, capture_output=True)

    def _control(self, *arguments: str) -> None:
        command: list[str | Path] = [self._binaries / "pg_ctl", *arguments, "-w", "-D", self._home / "data"]
        run_as_server(command, self._home, self._user)
