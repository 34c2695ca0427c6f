"""The figures of adoption, kept for a short time, because they are counted over all accounts."""

from dataclasses import dataclass, field

from domain.ports import Clock
from services.figures.rested_figures import RestedFigures
from store import Database
from store.figures import adoption
from store.figures.adoption import Adoption

_Question = tuple[str | None, int]


@dataclass(kw_only=True)
class AdoptionFigures:
    """The figures by cohort and number of days."""

    database: Database
    clock: Clock
    _figures: RestedFigures[_Question, Adoption] = field(init=False)

    def __post_init__(self) -> None:
        self._figures = RestedFigures(count=self._count)

    def of(self, cohort_id: str | None, days: int) -> Adoption:
        """The figures of a cohort, or of everybody. Raises Unknown."""
        return self._figures.of((cohort_id, days))

    def _count(self, question: _Question) -> Adoption:
        cohort_id, days = question
        with self.database.reading() as session:
            return adoption.read(session, now=self.clock(), days=days, cohort_id=cohort_id)
