"""Runs something in a process that is forked from this one, so that what is loaded need not be loaded again."""

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

TIMED_OUT = -1000
"""No exit code: those of processes that a signal ended go down to -64."""


def forked(act: Callable[[], int], *, output: Path, limit: float) -> int:
    """The exit code of `act`; TIMED_OUT if it has not ended after `limit` seconds. What it prints goes to `output`."""
    child = os.fork()
    if child == 0:
        _become(act, output)
    os.setpgid(child, child)  # as the child does itself: whichever of them comes first
    ends_at = time.monotonic() + limit
    status = None
    try:
        while status is None and time.monotonic() < ends_at:
            time.sleep(0.01)
            ended, reported = os.waitpid(child, os.WNOHANG)
            status = reported if ended else None
    finally:
        # Also when this process is interrupted: nothing that a mutant does goes on after it.
        _end_group(child)
        if status is None:
            os.waitpid(child, 0)
    return TIMED_OUT if status is None else os.waitstatus_to_exitcode(status)


def _become(act: Callable[[], int], output: Path) -> None:
    """Never returns: what the parent would do next is not the child's."""
    code = 70
    try:
        os.setpgid(0, 0)
        opened = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, 1)
        os.dup2(opened, 2)
        code = act()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _end_group(leader: int) -> None:
    """End what the child has started, too."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
