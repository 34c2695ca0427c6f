"""Where a condition turns, found by halving."""

from collections.abc import Callable


def crossing(
    is_before: Callable[[float], bool], low: float, high: float, *, halvings: int
) -> tuple[float, float]:
    """Two neighbours between which `is_before` turns from true to false."""
    for _ in range(halvings):
        middle = (low + high) / 2
        if is_before(middle):
            low = middle
        else:
            high = middle
    return low, high
