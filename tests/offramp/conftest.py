"""A home of its own for each test, and the command line run inside it."""

import io
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from offramp import cli
from offramp.config.settings import Settings
from offramp.views import terminal
from store import Database


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; settings come from this test alone, and Temporal is nowhere."""
    for name in list(os.environ):
        if name.startswith(("OFFRAMP_", "TEMPORAL_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFRAMP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "no-profiles.toml"))
    for name in ("API", "TEMPORAL", "TEMPORAL_UI"):
        monkeypatch.setenv(f"OFFRAMP_{name}_PORT", str(free_port()))
    monkeypatch.setenv("OFFRAMP_METRICS_PORT", "0")
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> Settings:
    """The settings that commands in this home see."""
    return Settings()


@pytest.fixture
def home_database(home: Path, migrated_sqlite: Path) -> Iterator[Database]:
    """The database of the home, migrated."""
    home.mkdir()
    shutil.copy(migrated_sqlite, home / "offramp.db")
    database = Database(f"sqlite:///{home / 'offramp.db'}")
    yield database
    database.close()


@pytest.fixture
def offramp(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, as if it had been typed."""
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 240)

    def run(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        said = capsys.readouterr()
        code = ended.value.code
        return Ran(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)

    return run
