"""Clocks that lie: the time of day of one process is wrong, and its waits take as long as ever."""

import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).parent / "lying_clock.c"


class NoLiar(Exception):
    """No clock can be made to lie here, and why."""


class LyingClock:
    """A library that a process loads before the C library; it is built in a folder. Raises NoLiar."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            raise NoLiar("there is no C compiler: apt-get install gcc libc6-dev")
        self._library = folder / "lying_clock.so"
        built = subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", self._library, _SOURCE],
            capture_output=True,
            text=True,
            check=False,
        )
        if built.returncode:
            raise NoLiar(f"the clock cannot be built: {built.stderr[-500:]}")

    def environment(self, seconds: int) -> dict[str, str]:
        """The environment of a process whose clock is ahead by so many seconds, or behind."""
        return {"LD_PRELOAD": str(self._library), "STORM_CLOCK_OFFSET": str(seconds)}
