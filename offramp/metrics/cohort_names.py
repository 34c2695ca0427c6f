"""What cohorts are called in labels. A rollout that is over for long has no series of its own any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.counting import ENDED, HOLDOUT, NOBODY, has_left, wave_name
from store import Session
from store.rollouts import cohorts


@dataclass(frozen=True, kw_only=True)
class CohortNames:
    """The names of the cohorts that have series, by id; `waves` counts the waves of every cohort that there is."""

    names: Mapping[str, str]
    waves: Mapping[str, int]

    def has_series(self, cohort_id: str) -> bool:
        """Whether there are series of this cohort. Those of accounts in no cohort, and in an ended one, stay."""
        return cohort_id in self.names or cohort_id in (NOBODY, ENDED)

    def label(self, cohort_id: str) -> str:
        """The label of accounts by their cohort."""
        if cohort_id == NOBODY:
            return NOBODY
        return self.names.get(cohort_id, ENDED)

    def places(self) -> set[tuple[str, str]]:
        """Every cohort and wave that anything can be counted for, as labels."""
        waves = {
            (self.label(cohort_id), wave)
            for cohort_id, count in self.waves.items()
            for wave in (*map(wave_name, range(count)), HOLDOUT)
        }
        return {(NOBODY, NOBODY), *waves}


def read(session: Session, *, now: datetime) -> CohortNames:
    """The names at this time."""
    rows = cohorts.every(session)
    return CohortNames(
        names={row.cohort_id: row.name for row in rows if not has_left(cohorts.standing(row), now)},
        waves={row.cohort_id: len(cohorts.description(row).waves) for row in rows},
    )
