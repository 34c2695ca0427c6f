"""Databases that tests find empty, and whose engine lives on: it compiles every query once, not once in each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from store import Database, Session, schema

_IN_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 2 * 1024**3


def room_in_memory() -> Path | None:
    """Memory that serves as a disk, if there is enough of it: copying a database there takes a tenth of the time."""
    if (
        _IN_MEMORY.is_dir()
        and os.access(_IN_MEMORY, os.W_OK)
        and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH_BYTES
    ):
        return _IN_MEMORY
    return None


class KeptDatabase(Database):
    """A database for one test after another; one that a test has closed is not used again.

    `writes` counts the transactions that may have written.
    """

    is_closed = False
    writes = 0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        try:
            with super().transaction() as session:
                yield session
        finally:
            self.writes += 1

    def close(self) -> None:
        self.is_closed = True
        super().close()


def _migrated(path: Path) -> Path:
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.close()
    return path


class SqliteDatabases:
    """One file for all tests of a worker, which is replaced by a migrated one without rows before each."""

    migrated: ClassVar[Path | None] = None
    """A migrated database without rows that there is already, for whoever runs the tests many times over."""

    def __init__(self, directory: Path) -> None:
        self.template = self.migrated or _migrated(directory / "migrated.db")
        self._path = directory / "offramp.db"
        self._database = self._open()
        self._fillings: dict[Callable[[Database], str], tuple[Path, str]] = {}

    @contextmanager
    def emptied(self) -> Iterator[Database]:
        """The database without rows."""
        if self._database.is_closed:
            self._database = self._open()
        self._replace(self.template)
        yield self._database
        self._database.engine.dispose()

    def filled(self, fill: Callable[[Database], str]) -> str:
        """Fill the empty database, and return what `fill` does. It runs once; later its rows are copied."""
        assert not self._is_written_to(), "only an empty database can be replaced by a filled one"
        if fill not in self._fillings:
            said = fill(self._database)
            self._fillings[fill] = (self._copied(), said)
            return said
        copy, said = self._fillings[fill]
        self._replace(copy)
        return said

    def close(self) -> None:
        """End every connection."""
        self._database.close()

    def _copied(self) -> Path:
        self._database.engine.dispose()  # the last connection to leave brings its log into the file
        copy = self._path.with_name(f"filled-{len(self._fillings)}.db")
        shutil.copy(self._path, copy)
        return copy

    def _is_written_to(self) -> bool:
        log = self._path.with_name(f"{self._path.name}-wal")
        return log.exists() and log.stat().st_size > 0

    def _open(self) -> KeptDatabase:
        return KeptDatabase(f"sqlite:///{self._path}")

    def _replace(self, template: Path) -> None:
        for name in ("", "-wal", "-shm"):
            self._path.with_name(f"{self._path.name}{name}").unlink(missing_ok=True)
        shutil.copy(template, self._path)
        # Connections stay with the file that they have opened, also one that a late thread of the last test has opened.
        self._database.engine.dispose()
