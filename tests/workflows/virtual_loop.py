"""An event loop in virtual time: months pass in a moment, and in the same order each time."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.clocks import START

A_MOMENT, MOST_TURNS_OF_A_MOMENT = 0.01, 20_000
"""So many turns of the loop within so many seconds are too many: something goes round and round."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes at once when there is nothing to do. It waits for no file and no socket."""

    def __init__(self) -> None:
        self._microseconds = self._turns = 0
        self.after_each_turn: Callable[[], None] = lambda: None
        super().__init__(_NeverReady(self._pass))
        self._clock_resolution = 1e-6  # a nanosecond is lost beside months

    def time(self) -> float:
        return self._microseconds / 1e6

    def now(self) -> datetime:
        """The time of day in this loop."""
        return START + timedelta(microseconds=self._microseconds)

    def _pass(self, timeout: float | None) -> None:
        assert timeout is not None, "nothing will ever happen again"
        self._turns = 0 if timeout >= A_MOMENT else self._turns + 1
        assert self._turns < MOST_TURNS_OF_A_MOMENT, f"no time passes: {asyncio.all_tasks(self)}"
        self._microseconds += -int(-timeout * 1e6 // 1)

    def _run_once(self) -> None:
        super()._run_once()  # type: ignore[misc]
        self.after_each_turn()


class _NeverReady(selectors.DefaultSelector):
    def __init__(self, waited: Callable[[float | None], None]) -> None:
        super().__init__()
        self._waited = waited

    def select(self, timeout: float | None = None) -> list[Any]:
        self._waited(timeout)
        return []
