"""How a stand-in misbehaves: one trouble is used up by one request."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happens to a request.

    `drop`: it is taken, and the connection closed without a word. `close`: it is not even read.
    """

    STATUS = "status"
    HANG = "hang"
    CLOSE = "close"
    DROP = "drop"
    GARBLE = "garble"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One misbehaviour; status, headers and body are for the kind `status`."""

    kind: Kind = Kind.STATUS
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def status(code: int, body: Any = None, **headers: str) -> Trouble:
    """An answer that takes nothing: `status(429, retry_after="7")`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Trouble(kind=Kind.STATUS, status=code, headers=named, body=body)


HANG = Trouble(kind=Kind.HANG)
CLOSE = Trouble(kind=Kind.CLOSE)
DROP = Trouble(kind=Kind.DROP)
GARBLE = Trouble(kind=Kind.GARBLE)


class Troubles:
    """What is still to go wrong, in order; `lasting` is what happens to every other request until it is None again."""

    lasting: Trouble | None = None

    def __init__(self) -> None:
        self._waiting: deque[Trouble] = deque()
        self._lock = threading.Lock()

    def add(self, *troubles: Trouble) -> None:
        with self._lock:
            self._waiting.extend(troubles)

    def next(self) -> Trouble | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else self.lasting
