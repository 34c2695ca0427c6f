"""The turns of the writers of one process: SQLite takes one writer at a time."""

import threading
from collections import deque

from store.engine.absences import Absence, DatabaseAway


class FirstComeLock:
    """A lock that serves waiting threads in the order of their arrival, so that none of them starves.

    A thread waits `most_seconds` for its turn, and raises DatabaseAway then.
    """

    def __init__(self, most_seconds: float) -> None:
        self._most_seconds = most_seconds
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        turn = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(turn)
        try:
            if not turn.wait(self._most_seconds):
                raise DatabaseAway(Absence.BUSY, "other writers of this process came first for too long")
        except BaseException:  # interrupted while waiting, or too late: the turn goes to the next
            self._give_up(turn)
            raise

    def __exit__(self, *_: object) -> None:
        self._pass_on()

    def _give_up(self, turn: threading.Event) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
