"""Figures are counted once for many readers, and anew when they have rested as long as their count deserves."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from services.figures import rested_figures
from services.figures.adoption_figures import AdoptionFigures
from services.figures.rested_figures import LEAST_SECONDS, PATIENCE_SECONDS, REST
from store import Database
from store.figures import adoption
from tests.clocks import FakeClock
from tests.waiting import eventually


@dataclass
class Counting:
    """A clock that only counts move: each count takes so many seconds."""

    takes: float = 0.0
    now: float = 100.0
    counts: list[object] = field(default_factory=list)

    def monotonic(self) -> float:
        """The seconds, as `time` tells them."""
        return self.now

    def read(self, *_: object, **__: object) -> Any:
        """The figures of one more count."""
        self.now += self.takes
        self.counts.append(object())
        return self.counts[-1]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """What stands for the clock and for the counting."""
    counting = Counting()
    monkeypatch.setattr(rested_figures, "time", counting)
    monkeypatch.setattr(adoption, "read", counting.read)
    return counting


@pytest.fixture
def figures(sqlite_database: Database, clock: FakeClock) -> AdoptionFigures:
    """The figures of a database."""
    return AdoptionFigures(database=sqlite_database, clock=clock)


@pytest.mark.parametrize(
    ("takes", "rest"), [(0.0, LEAST_SECONDS), (LEAST_SECONDS / REST / 2, LEAST_SECONDS), (0.25, 0.25 * REST)]
)
def test_a_count_rests_by_its_length_and_a_second_at_least(
    counting: Counting, figures: AdoptionFigures, takes: float, rest: float
) -> None:
    counting.takes = takes
    first = figures.of(None, 7)
    counting.now += rest - 0.01
    assert figures.of(None, 7) is first
    counting.now += 0.02
    assert figures.of(None, 7) is not first
    assert len(counting.counts) == 2


def test_cohorts_and_days_are_counted_apart(counting: Counting, figures: AdoptionFigures) -> None:
    assert len({id(figures.of(None, 7)), id(figures.of(None, 28)), id(figures.of("spring", 7))}) == 3


async def test_whoever_comes_while_a_long_count_is_made_anew_reads_the_older_figures(
    counting: Counting, figures: AdoptionFigures
) -> None:
    counting.takes = PATIENCE_SECONDS + 0.1
    first = figures.of(None, 7)
    counting.now += REST * counting.takes + 0.1
    assert figures.of(None, 7) is first
    await eventually(lambda: figures.of(None, 7) is not first, "the count behind is read")
    assert len(counting.counts) == 2
