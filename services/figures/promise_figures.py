"""How often each promise is broken, for the pages that show it: the count reads all accounts, so it is kept a while."""

from dataclasses import dataclass, field

from domain.ports import Clock
from services.figures.rested_figures import RestedFigures
from store import Database, invariants


@dataclass(kw_only=True)
class PromiseFigures:
    """The breaches by invariant, for many readers. Whoever decides something by them counts anew."""

    database: Database
    clock: Clock
    _broken: RestedFigures[None, dict[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        self._broken = RestedFigures(count=self._count)

    def read(self) -> dict[str, int]:
        """How often each promise is broken; promises that are kept are missing."""
        return self._broken.of(None)

    def _count(self, _: None) -> dict[str, int]:
        with self.database.reading() as session:
            return invariants.broken(session, now=self.clock())
