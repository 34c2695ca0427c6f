"""How much there was, kept beside the database, so that a database that has lost rows does not look whole.

A log that was overwritten, or a file that was put back, takes the newest rows without a trace: what is left fits
together. Journal and accounts only grow, so where there is less than the mark says, something was lost.
"""

import asyncio
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from domain.ports import Clock
from offramp.config.settings import Settings
from offramp.metrics import measuring
from store import Database, Session
from store.engine import epochs
from store.engine.absences import DatabaseAway
from store.engine.engines import file_of
from store.people import accounts, journal

log = structlog.get_logger()

NOTE_EVERY = timedelta(seconds=5)

MOST_OF_THE_TIME = 9
"""It rests at least nine times as long as it took to count, so that it counts in a tenth of the time at most."""


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How much there is: the number of the journal's newest entry, and how many accounts there have ever been.

    `epoch` is the database's: whoever begins another one knows that rows are missing.
    """

    entry_id: int
    accounts: int
    epoch: int = epochs.FIRST

    def lacks(self, former: "Extent") -> bool:
        """Whether there was more before, although everything only grows within an epoch, and epochs do, too."""
        if self.epoch != former.epoch:
            return self.epoch < former.epoch
        return self.entry_id < former.entry_id or self.accounts < former.accounts


@dataclass(frozen=True, kw_only=True)
class HighWater:
    """The most there was, and when. `fell_to` is what was left when something was missing."""

    most: Extent
    at: datetime
    fell_to: Extent | None = None

    def counts_for(self, extent: Extent) -> bool:
        """Whether it says anything of what there is now; a mark of an earlier epoch, on whatever machine, does not."""
        return self.most.epoch >= extent.epoch


def path_of(settings: Settings) -> Path:
    """The file of the mark: beside SQLite's file, where its owner finds it; in the home for any other database."""
    database = file_of(settings.database_url)
    return (
        database.with_name(f"{database.name}.mark") if database else settings.home.absolute() / "journal.mark"
    )


def read(path: Path) -> HighWater | None:
    """The mark; None if none is kept, or it cannot be read."""
    try:
        fields = json.loads(path.read_text())
        fell_to = Extent(**fields["fell_to"]) if fields["fell_to"] else None
        return HighWater(
            most=Extent(**fields["most"]), at=datetime.fromisoformat(fields["at"]), fell_to=fell_to
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def measure(session: Session) -> Extent:
    """How much there is now."""
    return Extent(
        entry_id=journal.newest_id(session),
        accounts=accounts.count_ever(session),
        epoch=epochs.current(session),
    )


class MarkKeeper:
    """Keeps the mark while it runs. A fall is logged once, and stays in the mark until somebody removes that."""

    def __init__(self, database: Database, path: Path, *, clock: Clock) -> None:
        self._database = database
        self._path = path
        self._clock = clock
        self._seen: HighWater | None = None

    async def run(self) -> None:
        """Note how much there is, again and again, until cancelled."""
        while True:
            began_at = time.monotonic()
            try:
                await asyncio.to_thread(self.note)
            except DatabaseAway:
                pass  # the log has it already
            except Exception:
                log.exception("mark_not_kept")
            rest = MOST_OF_THE_TIME * (time.monotonic() - began_at)
            await asyncio.sleep(max(rest, NOTE_EVERY.total_seconds()))

    def note(self) -> None:
        """Raise the mark to what there is, or note that there is less. Raises DatabaseAway."""
        # Before the database: what another worker has marked by then was committed before it is read.
        mark = read(self._path) or self._seen
        with self._database.reading() as session:
            extent = measure(session)
        if mark and not mark.counts_for(extent):
            mark = None
        has_fallen = bool(mark and mark.fell_to)
        lacks_now = bool(mark and extent.lacks(mark.most))
        measuring.rows_lost(are_lost=has_fallen or lacks_now)
        if has_fallen:
            return
        if mark and lacks_now:
            log.error("journal_fell", before=mark.most.entry_id, now=extent.entry_id)
            self._write(replace(mark, fell_to=extent))
        elif mark is None or extent != mark.most:
            self._write(HighWater(most=extent, at=self._clock()))

    def _write(self, mark: HighWater) -> None:
        """Replace the file as a whole. Where there is no home to write to, the process remembers it by itself."""
        self._seen = mark
        try:
            descriptor, draft = tempfile.mkstemp(dir=self._path.parent, prefix=f"{self._path.name}.")
        except OSError:
            return
        try:
            with os.fdopen(descriptor, "w") as file:
                json.dump(asdict(mark) | {"at": mark.at.isoformat()}, file)
            Path(draft).replace(self._path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
