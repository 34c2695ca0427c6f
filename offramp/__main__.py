"""The one door of the command line: `offramp` and `python -m offramp` come in by it, and leave by it.

It imports nothing slow itself, so that Ctrl-C finds it ready while the rest is still being imported.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended: 128 and the signal's number."""


def run() -> NoReturn:
    """Run the command that was typed into a shell, and leave with its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    from offramp.cli import main

    _leave(_code_of(main))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """What Ctrl-C does: raise KeyboardInterrupt, but end at once what is still importing its modules.

    In the middle of an import Python tells of the error where nobody can catch it.
    """
    asked_in = frame
    while frame:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            _flush()
            os._exit(INTERRUPTED)
        frame = frame.f_back
    signal.default_int_handler(number, asked_in)


def _code_of(main: Callable[[], None]) -> int:
    """Run a command to its end, whatever that is; returns its exit code."""
    try:
        main()
    except SystemExit as leaving:
        return _exit_code(leaving)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    sys.stderr.write(f"{leaving.code}\n")
    return 1


def _leave(code: int) -> NoReturn:
    """End the process. One that has made a client of Temporal does not wait for the interpreter's own end.

    Temporal's native library has threads of its own, and aborts at times when the interpreter goes away under them:
    the exit code would be 134 in place of the command's own.
    """
    if "temporalio" not in sys.modules:
        sys.exit(code)
    _flush()
    os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A stream may be closed, its reader gone, or it may be writing at this very moment.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            stream.flush()


if __name__ == "__main__":
    run()
