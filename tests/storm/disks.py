"""A small disk in memory, which can be filled up and freed again; only root may make one."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_BALLAST = "ballast"
_PIECES = (1024 * 1024, 64 * 1024, 4096)
"""Sizes in bytes: what has no room for a large piece may have room for small ones."""


class NoDisk(Exception):
    """No disk can be made here, and why."""


@dataclass(frozen=True, kw_only=True)
class SmallDisk:
    """A disk of its own, at a path."""

    path: Path

    def fill(self) -> None:
        """Leave not one block free."""
        ballast = os.open(self.path / _BALLAST, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for piece in _PIECES:
                with contextlib.suppress(OSError):
                    while True:
                        os.write(ballast, bytes(piece))
        finally:
            os.close(ballast)

    def free(self) -> None:
        """Give the room back."""
        (self.path / _BALLAST).unlink(missing_ok=True)


@contextmanager
def small_disk(path: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """A disk for as long as the block lasts; everything on it is lost then. Raises NoDisk."""
    if os.geteuid() != 0:
        raise NoDisk("a small disk can be made by root alone")
    path.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0755"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "offramp-storm", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise NoDisk(f"a small disk cannot be mounted: {made.stderr.strip()}")
    try:
        yield SmallDisk(path=path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
