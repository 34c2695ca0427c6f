"""`make dist`: the wheels of a release, the same bytes whoever builds them, and all in them that runs."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
SOURCES = (
    *ROOMS,
    "messages",
    "clients",
    "docs",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "Makefile",
)
NEWEST_RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.M)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels, built from a copy of the sources."""
    return built(tmp_path_factory.mktemp("first"), umask=0o022)


def test_two_builds_in_different_places_and_times_are_the_same_bytes(wheels: Path, tmp_path: Path) -> None:
    again = built(tmp_path, umask=0o077)
    assert names(again) == names(wheels)
    for wheel in wheels.iterdir():
        assert (again / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_wheels_are_of_the_newest_release_in_the_changelog(wheels: Path) -> None:
    release = NEWEST_RELEASE.search((ROOT / "CHANGELOG.md").read_text())
    assert release
    assert PROJECT["project"]["version"] == release[1]
    assert f"offramp-{release[1]}-py3-none-any.whl" in names(wheels)
    with zipfile.ZipFile(offramp_wheel(wheels)) as wheel:
        dates = {datetime(*entry.date_time, tzinfo=UTC).date().isoformat() for entry in wheel.infolist()}
    assert dates == {release[2]}


def test_everything_that_runs_is_in_the_wheel(wheels: Path) -> None:
    with zipfile.ZipFile(offramp_wheel(wheels)) as wheel:
        shipped = set(wheel.namelist())
    kept = {
        str(path.relative_to(ROOT))
        for room in (*ROOMS, "messages")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept - shipped == set()


def built(place: Path, *, umask: int) -> Path:
    """The directory of the wheels that `make dist` builds from a copy of the sources, whose files are all new."""
    copy = place / "sources"
    copy.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            # `copy` leaves the times behind, which `copy2` would keep.
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, copy / name, copy_function=shutil.copy, ignore=skipped)
        else:
            shutil.copy(source, copy / name)
    recipe = ["make", "dist", f"VENV={Path(sys.executable).parent.parent}", f"PYTHON={sys.executable}"]
    # What `make dev` installs is there already, for this test runs in it.
    assume = ["--assume-old", "dev", "--old-file", f"{Path(sys.executable).parent.parent}/.installed-dev"]
    made = subprocess.run(
        [*recipe, *assume],
        cwd=copy,
        env={**os.environ, "LC_ALL": "C"},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return copy / "dist"


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def offramp_wheel(wheels: Path) -> Path:
    (wheel,) = wheels.glob("offramp-*.whl")
    return wheel
