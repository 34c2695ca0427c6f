"""What a storm is made of: every fault does what it says, and nothing of it stays."""

import errno
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psutil
import pytest

from domain.journal import EventKind
from store import Database, schema
from store.people import accounts
from tests import factories
from tests.postgres import Unavailable
from tests.providers.standins.sendgrid import SENDGRID_KEY
from tests.storm.clocks import LyingClock, NoLiar
from tests.storm.databases import PostgresCluster, SqliteFile, StormDatabase
from tests.storm.diaries import Diary
from tests.storm.disks import NoDisk, small_disk
from tests.storm.faults import fault_of
from tests.storm.ground import Ground
from tests.storm.providers import TROUBLES, StormProviders
from tests.storm.schedule import Blow, FaultKind
from tests.waiting import eventually

_STAYS = "import time; print('here', flush=True); time.sleep(600)"


@dataclass
class _OneProcess:
    """A ground with one process."""

    running: psutil.Process

    def process(self, _: str) -> psutil.Process:
        return self.running


@pytest.fixture
def process() -> Iterator[psutil.Process]:
    with subprocess.Popen([sys.executable, "-c", _STAYS], stdout=subprocess.PIPE) as started:
        assert started.stdout
        started.stdout.readline()
        yield psutil.Process(started.pid)
        started.kill()


def blow(kind: FaultKind) -> Blow:
    return Blow(at=0, lasts=0, kind=kind, target="worker")


async def test_a_frozen_process_stands_still_until_the_fault_ends(process: psutil.Process) -> None:
    freeze = fault_of(blow(FaultKind.FREEZE), cast(Ground, _OneProcess(process)), [])
    await freeze.begin()
    await eventually(lambda: process.status() == psutil.STATUS_STOPPED, "it stands still")
    await freeze.end()
    await eventually(lambda: process.status() != psutil.STATUS_STOPPED, "it goes on")


async def test_a_killed_process_is_gone_at_once(process: psutil.Process) -> None:
    kill = fault_of(blow(FaultKind.KILL), cast(Ground, _OneProcess(process)), [])
    await kill.begin()
    await eventually(lambda: process.status() == psutil.STATUS_ZOMBIE, "it is gone")
    await kill.end()


def test_nothing_can_be_written_to_a_full_disk_until_it_is_freed(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path / "disk", megabytes=1) as disk:
            disk.fill()
            with pytest.raises(OSError) as full:  # noqa: PT011, the number says which
                (disk.path / "more").write_bytes(bytes(4096))
            assert full.value.errno == errno.ENOSPC
            disk.free()
            assert (disk.path / "more").write_bytes(bytes(4096))
        assert not os.path.ismount(tmp_path / "disk")
    except NoDisk as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("seconds", [-86400, 5, 86400])
def test_a_clock_lies_by_as_much_as_was_said_and_waits_take_as_long_as_ever(
    tmp_path: Path, seconds: int
) -> None:
    program = "import threading, time; time.sleep(0.1); threading.Event().wait(0.1); print(time.time())"
    try:
        clock = LyingClock(tmp_path)
    except NoLiar as reason:
        pytest.skip(str(reason))
    before = time.time()
    told = subprocess.check_output(
        [sys.executable, "-c", program], env=os.environ | clock.environment(seconds), timeout=120
    )
    assert before <= float(told) - seconds <= time.time()


@pytest.fixture
def providers() -> Iterator[StormProviders]:
    made = StormProviders("http://localhost:1")
    yield made
    made.close()


def test_providers_answer_again_when_their_error_is_over(providers: StormProviders) -> None:
    assert _status(providers) == 200
    providers.fail("error")
    assert [_status(providers), _status(providers)] == [500, 500]
    providers.recover()
    assert _status(providers) == 200


@pytest.mark.parametrize("trouble", ["closing", "loss"])
def test_providers_that_hang_up_answer_again_later(providers: StormProviders, trouble: str) -> None:
    providers.fail(trouble)
    with pytest.raises(OSError, match=r"closed connection|reset"):
        _status(providers)
    providers.recover()
    assert _status(providers) == 200


def test_nobody_listens_while_providers_refuse(providers: StormProviders) -> None:
    providers.fail("refusal")
    with pytest.raises(urllib.error.URLError, match="refused"):
        _status(providers)
    providers.recover()
    assert _status(providers) == 200


def test_every_trouble_is_one_that_a_schedule_may_draw() -> None:
    assert set(TROUBLES) == {"error", "silence", "loss", "closing", "nonsense"}


def _status(providers: StormProviders) -> int:
    request = urllib.request.Request(
        f"{providers.settings['OFFRAMP_SENDGRID_BASE_URL']}/v3/scopes",
        headers={"Authorization": f"Bearer {SENDGRID_KEY}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture(params=[SqliteFile, pytest.param(PostgresCluster, marks=pytest.mark.postgres)])
def made_database(request: pytest.FixtureRequest) -> Iterator[StormDatabase]:
    """A database of a storm, which has been started."""
    with tempfile.TemporaryDirectory(prefix="offramp-storm-") as made_for_it:
        place = Path(made_for_it)
        place.chmod(
            0o755
        )  # PostgreSQL runs as another user than root, who may not look into pytest's own folders
        yield from _started(request.param, place)


def _started(kind: type[SqliteFile | PostgresCluster], place: Path) -> Iterator[StormDatabase]:
    try:
        made: StormDatabase = kind(place, place)
        made.start()
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield made
    made.stop()


def test_a_backup_that_is_brought_back_has_what_was_there_and_nothing_else(
    made_database: StormDatabase,
) -> None:
    with closing(Database(made_database.url)) as database:
        schema.migrate(database)
        _add_account(database, "before")
        made_database.back_up()
        _add_account(database, "after")
    made_database.bring_back()
    with closing(Database(made_database.url)) as database, database.reading() as session:
        assert accounts.by_external_id(session, "before")
        assert accounts.by_external_id(session, "after") is None


def _add_account(database: Database, external_id: str) -> None:
    with database.transaction() as session:
        factories.make_account(session, external_id=external_id)


def test_a_request_whose_answer_got_lost_may_have_done_what_its_path_is_for() -> None:
    diary = Diary(external_id="ada")
    diary.note_unclear("/sign-in/code")
    diary.note_unclear("/static/page.css")
    assert set(diary.unclear) == {EventKind.SIGNED_IN, EventKind.SIGN_IN_FAILED}


def test_a_diary_notes_when_each_deed_was_acknowledged() -> None:
    diary = Diary(external_id="ada")
    diary.event_counts[EventKind.OBJECTED] += 1
    diary.event_counts.update([EventKind.OBJECTED, EventKind.SIGNED_IN])
    times = diary.acknowledged[EventKind.OBJECTED]
    assert len(times) == 2
    assert times == sorted(times)
    assert len(diary.acknowledged[EventKind.SIGNED_IN]) == 1
