"""Has several threads do something at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

_T = TypeVar("_T")
_PATIENCE = 30


def at_once(work: Callable[[], _T], *, times: int = 8) -> list[_T]:
    """Call `work` in as many threads at the same moment; their answers, or the first error."""
    start = Barrier(times)

    def begin() -> _T:
        start.wait(_PATIENCE)
        return work()

    with ThreadPoolExecutor(times) as threads:
        begun = [threads.submit(begin) for _ in range(times)]
        return [each.result(_PATIENCE) for each in begun]
