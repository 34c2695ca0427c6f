"""What Offramp keeps in its home is its owner's alone: it holds phone numbers, addresses, and the secret key."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from offramp.config.settings import Settings
from store.engine.engines import file_of

_OWNER_ALONE = 0o077
_KEPT = ("offramp.db*", "temporal.db*", "inbox.ndjson", "secret*", "up.lock", "up.json", "up.draft")


def keep_private(settings: Settings) -> None:
    """Let this process and its children make files for their owner alone, and take from others what is there already.

    For processes that run on. A command may write a file that its user names, and follows the user's own umask.
    """
    os.umask(_OWNER_ALONE)
    for path in exposed(settings):
        if path.is_relative_to(settings.home.absolute()) and path.stat().st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OWNER_ALONE)


def exposed(settings: Settings) -> list[Path]:
    """The files of this Offramp that others on the machine may read or write."""
    return [path for path in sorted(set(_files(settings))) if _mode(path) & _OWNER_ALONE]


def _files(settings: Settings) -> Iterator[Path]:
    for pattern in _KEPT:
        yield from settings.home.absolute().glob(pattern)
    if database := file_of(settings.database_url):
        yield from database.parent.glob(f"{database.name}*")


def _mode(path: Path) -> int:
    """A file's mode; nothing of a file that has just gone."""
    try:
        return path.stat().st_mode if path.is_file() else 0
    except FileNotFoundError:
        return 0
