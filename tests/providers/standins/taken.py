"""What a stand-in took, in memory and, if wanted, in a file that outlives whoever is killed."""

import json
import os
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One message that a provider took; `key` is ours, and empty where the provider does not learn it (Verify).

    `at` is when it took the message, in seconds since the epoch.
    """

    provider: str
    key: str
    to: str
    fields: dict[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.time)


class Records:
    """A list that many threads add to; each entry is one line of the file, written at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.all: list[Taken] = []
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if path else None

    def add(self, taken: Taken) -> None:
        with self._lock:
            self.all.append(taken)
            if self._file is not None:
                os.write(self._file, (json.dumps(asdict(taken)) + "\n").encode())

    def keys(self) -> Counter[str]:
        """How often each key was taken; more than once is what must never be."""
        with self._lock:
            return Counter(taken.key for taken in self.all)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read_records(path: Path) -> list[Taken]:
    """What a stand-in of another process wrote down."""
    return [Taken(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []
