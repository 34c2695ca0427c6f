"""Waits for a condition, and says what was waited for when it never comes true."""

import asyncio
import time
from collections.abc import Awaitable, Callable

LOOK_EVERY = 0.02


async def eventually(
    condition: Callable[[], Awaitable[bool] | bool],
    what: str | Callable[[], str],
    *,
    within: float = 60,
) -> None:
    """Return as soon as a condition, asynchronous or not, holds; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not (await holds if isinstance(holds := condition(), Awaitable) else holds):
        assert time.monotonic() < deadline, _in_vain(what, within)
        await asyncio.sleep(LOOK_EVERY)


def wait_until(condition: Callable[[], bool], what: str | Callable[[], str], *, within: float = 60) -> None:
    """The same for tests that are not asynchronous."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, _in_vain(what, within)
        time.sleep(LOOK_EVERY)


def _in_vain(what: str | Callable[[], str], within: float) -> str:
    return f"waited {within} s in vain: {what if isinstance(what, str) else what()}"
