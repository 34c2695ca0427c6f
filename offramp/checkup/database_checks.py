"""Whether the database takes writes, has room on its disk, is whole, and holds all that it held before."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from offramp.checkup.findings import Finding, unwell, well
from offramp.config.settings import Settings
from offramp.relay import high_water
from offramp.views.terminal import moment
from store import Database
from store.engine import small_writes, wholeness
from store.engine.absences import DatabaseAway
from store.engine.engines import file_of

LEAST_ROOM = 64 * 1024 * 1024
"""Bytes. SQLite's log is brought into the file when it has some four megabytes, and a long reader makes it longer."""


def database_findings(settings: Settings, database: Database, *, now: datetime) -> Iterator[Finding]:
    """What is wrong with a database that answers, and is at the right revision."""
    yield _writes(database, now)
    if file := file_of(settings.database_url):
        yield _room(file)
        yield _wholeness(database)
    yield from _losses(settings, database)


def _writes(database: Database, now: datetime) -> Finding:
    try:
        small_writes.try_one(database, "doctor", at=now)
    except DatabaseAway as away:
        return unwell("database_writes", f"{away}: {away.reason}" if away.reason else str(away))
    return well("database_writes", "it takes writes")


def _room(file: Path) -> Finding:
    """A small write may find room in the log where the next larger one finds none."""
    free = shutil.disk_usage(file.parent).free
    megabytes = f"{free // 1_000_000} MB"
    if free < LEAST_ROOM:
        return unwell("database_room", f"only {megabytes} are free on the disk of {file}")
    return well("database_room", f"{megabytes} are free on its disk")


def _wholeness(database: Database) -> Finding:
    try:
        faults = wholeness.faults(database)
    except DatabaseAway as away:
        return unwell("database_file", f"it cannot be checked: {away.reason or away}")
    if faults:
        return unwell("database_file", f"the file is damaged: {'; '.join(faults)}")
    return well("database_file", "SQLite's check found no damage")


def _losses(settings: Settings, database: Database) -> Iterator[Finding]:
    """Compare with the worker's mark. The mark is read first: what it tells of was committed before."""
    path = high_water.path_of(settings)
    mark = high_water.read(path)
    if mark is None:
        return
    with database.reading() as session:
        extent = high_water.measure(session)
    if not mark.counts_for(extent):
        return
    extent = mark.fell_to or extent
    most = f"{mark.most.entry_id} entries of the journal and {mark.most.accounts} accounts"
    if not extent.lacks(mark.most):
        yield well("database_losses", f"nothing is missing of {most}, seen at {moment(mark.at)}")
        return
    left = f"{extent.entry_id} and {extent.accounts}"
    yield unwell(
        "database_losses",
        f"at {moment(mark.at)} there were {most}, and then only {left}: an older copy or a lost log took their place. "
        f"When you know why, remove {path}",
    )
