"""Counts of durations by upper bounds, as a Prometheus histogram shows them."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Distribution:
    """Counts of durations in seconds; the last count is of durations beyond every bound."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds

    def add_all(self, other: "Distribution") -> None:
        """Count the durations of a distribution that has the same bounds."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.seconds += other.seconds

    def within(self) -> Iterator[tuple[str, int]]:
        """Each bound as Prometheus writes it, and how many durations stayed within it."""
        total = 0
        for bound, count in zip((*(str(bound) for bound in self.bounds), "+Inf"), self.counts, strict=True):
            total += count
            yield bound, total
