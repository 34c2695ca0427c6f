"""A mutant's process says how it ended, and leaves nothing behind, even where it never ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.mutants.processes import TIMED_OUT, forked
from tests.waiting import wait_until

ENOUGH = 60.0


@pytest.mark.parametrize("code", [0, 1, 71])
def test_a_process_ends_with_the_code_of_what_it_did_and_its_words_are_kept(
    tmp_path: Path, code: int
) -> None:
    def act() -> int:
        os.write(1, b"said\n")
        return code

    assert forked(act, output=tmp_path / "output.txt", limit=ENOUGH) == code
    assert (tmp_path / "output.txt").read_text() == "said\n"


def test_a_process_that_fails_shows_why(tmp_path: Path) -> None:
    def act() -> int:
        raise ValueError("a mutant")

    assert forked(act, output=tmp_path / "output.txt", limit=ENOUGH) not in (0, TIMED_OUT)
    assert "ValueError: a mutant" in (tmp_path / "output.txt").read_text()


def test_a_process_without_an_end_is_ended(tmp_path: Path) -> None:
    def act() -> int:
        while True:
            signal.pause()

    assert forked(act, output=tmp_path / "output.txt", limit=0.1) == TIMED_OUT


def test_what_a_process_began_ends_with_it(tmp_path: Path) -> None:
    noted = tmp_path / "pid.txt"

    def act() -> int:
        begun = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        noted.write_text(str(begun.pid))
        return 0

    assert forked(act, output=tmp_path / "output.txt", limit=ENOUGH) == 0
    begun = int(noted.read_text())
    wait_until(lambda: not _lives(begun), "what the process began to end")


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
