"""`offramp up`, whole and for real: it becomes ready, says where to look, survives killing, and stops cleanly."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from offramp.config.settings import Settings
from tests.offramp.conftest import Run, free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "docs" / "sample-accounts.csv"

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]


@contextmanager
def up(log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """An `offramp up` in the home of this test; whatever happens, nothing of it stays behind."""
    with log.open("wb") as output:
        command = [sys.executable, "-m", "offramp", "up", *options]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield process
    finally:
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.terminate()
        process.wait(40)
        _, alive = psutil.wait_procs(family, timeout=1)
        for survivor in alive:
            survivor.kill()


def is_ready(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.api_port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def children(home: Path) -> dict[str, int]:
    return {name: entry["pid"] for name, entry in json.loads((home / "up.json").read_text()).items()}


def test_the_whole_of_it(offramp: Run, home: Path, tmp_path: Path) -> None:
    settings, log = Settings(), tmp_path / "up.log"
    with up(log) as process:
        wait_until(lambda: "Offramp is ready" in log.read_text(), "the welcome", within=150)
        for expected in (
            "/sign-in",
            "/dev/inbox",
            str(settings.temporal_ui_port),
            "temporal │",
            "account show ada",
        ):
            assert expected in log.read_text()

        assert offramp("accounts", "import", str(SAMPLE)).out.startswith("5 new")
        assert offramp("journeys", "start", "--all", "--policy", "fast").out.startswith("5 started")
        wait_until(lambda: "nudged" in offramp("account", "show", "ada").out, "Ada's invitation")
        wait_until(lambda: offramp("doctor").code == 0, "the doctor's content")
        assert f"(pid {process.pid})" in offramp("up").err

        worker = children(home)["worker"]
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: children(home).get("worker", worker) != worker, "another worker")
        assert "worker was killed by SIGKILL; starting it again" in log.read_text()

        process.kill()
        process.wait()
    left = children(home)
    assert all(psutil.pid_exists(pid) for pid in left.values())

    with up(log):
        wait_until(lambda: "Offramp is ready" in log.read_text(), "the welcome after the kill", within=150)
        assert "Stopped what the last run had left behind: temporal, api, worker" in log.read_text()
        assert is_ready(settings)
        assert "0 were missing" in offramp("reconcile").out
        assert not any(psutil.pid_exists(pid) for pid in left.values())
    assert "Stopped. Everything is kept" in log.read_text()
    assert not is_ready(settings)
    assert not (home / "up.json").exists()


@pytest.mark.parametrize("folder", ["examples/hosted", "examples/orchestrated"])
def test_a_sample_host_runs_beside_it_and_gets_what_it_needs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    port, log = free_port(), tmp_path / "up.log"
    monkeypatch.setenv("SHOP_PORT", str(port))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "clients" / "python"))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with up(log, "--host", folder):
        wait_until(
            lambda: f"The Shop is at http://localhost:{port}" in log.read_text(), log.read_text, within=150
        )
        wait_until(lambda: f"Sample host   http://localhost:{port}/sign-in" in log.read_text(), log.read_text)
        populate = [sys.executable, "-m", f"{folder.replace('/', '.')}.populate"]
        own = {"SHOP_HOME": str(home / folder.replace("/", "-")), "SHOP_OFFRAMP": Settings().origin}
        done = subprocess.run(populate, env={**os.environ, **own}, capture_output=True, text=True, check=True)
        assert done.stdout == "Offramp knows 4 people\n"


def test_a_folder_without_a_sample_host_is_refused_before_anything_starts(offramp: Run, home: Path) -> None:
    ran = offramp("up", "--host", "docs")
    assert ran.code == 2
    assert "docs is no sample host" in ran.err
    assert not home.exists()
