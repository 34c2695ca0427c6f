"""What Offramp keeps on a machine is its owner's alone, also what an earlier release had left open."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offramp.config.private_files import exposed, keep_private
from offramp.config.settings import Settings
from offramp.up.process_records import ProcessRecord, only_one
from store import Database, schema


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """The umask of most machines, under which everybody may read new files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(home: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}


def test_a_new_database_and_its_log_are_read_by_nobody_else(settings: Settings, home: Path) -> None:
    database = Database(settings.database_url)
    schema.migrate(database)
    with database.reading() as session:
        session.connection()
        assert modes(home) == dict.fromkeys(("offramp.db", "offramp.db-wal", "offramp.db-shm"), 0o600)
    database.close()
    assert home.stat().st_mode & 0o777 == 0o700
    assert exposed(settings) == []


def test_what_an_earlier_release_left_open_to_others_is_closed_at_the_next_start(
    settings: Settings, home: Path
) -> None:
    home.mkdir()
    for name in ("offramp.db", "offramp.db-wal", "temporal.db", "inbox.ndjson", "secret", "up.lock"):
        (home / name).write_text("")
    (home / "holiday.jpg").write_text("")
    assert len(exposed(settings)) == 6
    keep_private(settings)
    assert exposed(settings) == []
    assert modes(home).pop("holiday.jpg") == 0o644, "what is not Offramp's is left alone"


def test_what_a_process_and_its_children_make_is_read_by_nobody_else(settings: Settings, home: Path) -> None:
    keep_private(settings)
    with only_one(home):
        ProcessRecord(home / "up.json").add("me", os.getpid())
        make = "import sys; open(sys.argv[1], 'w').close()"
        subprocess.run([sys.executable, "-c", make, str(home / "temporal.db")], check=True)
    assert set(modes(home).values()) == {0o600}
    assert set(modes(home)) == {"up.lock", "up.json", "temporal.db"}


def test_a_database_elsewhere_that_others_may_read_is_named_and_not_touched(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.write_text("")
    settings = settings.model_copy(update={"database_url": f"sqlite:///{elsewhere}"})
    keep_private(settings)
    assert exposed(settings) == [elsewhere]
