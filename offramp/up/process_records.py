"""Remembers the processes of an `offramp up`, so that the next `offramp up` can stop those that still run."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

GRACE = timedelta(seconds=10)


class AlreadyRunning(Exception):
    """Another `offramp up` runs with this home."""


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Be the only `offramp up` of this home. The system releases the lock when the process ends in any way.

    Raises AlreadyRunning.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip()
            raise AlreadyRunning(
                f"another `offramp up` (pid {owner}) runs in {home.absolute()}; stop that one first"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


class ProcessRecord:
    """The children that are alive, in a file. Each has a pid and a creation time, because pids are used again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._children: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pid: int) -> None:
        """Note a child that has just been started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._children[name] = {"pid": pid, "created_at": psutil.Process(pid).create_time()}
        self._write()

    def remove(self, name: str) -> None:
        """Forget a child that has ended."""
        self._children.pop(name, None)
        self._write()

    def clear(self) -> None:
        """Forget all children."""
        self._path.unlink(missing_ok=True)

    def stop_leftovers(self, grace: timedelta = GRACE) -> list[str]:
        """End the processes that still run after an `offramp up` was killed; returns their names."""
        leftovers = {
            name: process for name, entry in self._entries().items() if (process := _same_process(entry))
        }
        for process in leftovers.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(leftovers.values(), timeout=grace.total_seconds())
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=grace.total_seconds())
        self.clear()
        return list(leftovers)

    def _entries(self) -> dict[str, dict[str, Any]]:
        try:
            entries = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return entries if isinstance(entries, dict) else {}

    def _write(self) -> None:
        # A disk that is full for a while must not keep a child from being started again. The next child is noted again.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(".draft")
            draft.write_text(json.dumps(self._children))
            draft.replace(self._path)


def _same_process(entry: Any) -> psutil.Process | None:
    """The process of an entry; None if it has ended, or if another process has its pid."""
    try:
        process = psutil.Process(int(entry["pid"]))
        is_same = process.create_time() == float(entry["created_at"])
        return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.Error, KeyError, TypeError, ValueError):
        return None
