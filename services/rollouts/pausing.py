"""Pauses every rollout, one by one, for an emergency in which nobody wants to look at each of them first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Refused
from domain.rollouts.rollout import OVER, Command, Order, Stage, Standing
from services.container import NobodyThere
from store import Database
from store.rollouts import cohorts

_LOOKS = 3
"""How often a rollout is looked at, if it moves on between the look and the order."""

Give = Callable[[str, Order], object]
"""Gives the rollout of a cohort's id an order. Raises Refused, NobodyThere."""


class PauseOutcome(StrEnum):
    """What became of the order to pause one rollout."""

    PAUSED = "paused"
    PAUSED_ALREADY = "paused_already"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, kw_only=True)
class Pausing:
    """One rollout that was to be paused, and what became of that; `problem` says why it is not paused."""

    cohort: str
    outcome: PauseOutcome
    problem: str = ""

    @property
    def is_paused(self) -> bool:
        """Whether the rollout is paused now, by this order or by an earlier one."""
        return self.outcome in (PauseOutcome.PAUSED, PauseOutcome.PAUSED_ALREADY)


def pause_all(database: Database, give: Give, *, by: str, reason: str) -> Iterator[Pausing]:
    """Pause every rollout that is not over, and yield what became of each. A refusal or a failure stops nothing."""
    with database.reading() as session:
        rows = [(row.cohort_id, row.name) for row in cohorts.every(session) if row.stage not in OVER]
    for cohort_id, name in rows:
        if pausing := _pause(database, give, cohort_id, name, by=by, reason=reason):
            yield pausing


def _pause(
    database: Database, give: Give, cohort_id: str, name: str, *, by: str, reason: str
) -> Pausing | None:
    """Pause one rollout; None if it has ended meanwhile. A rollout that has moved on is looked at again."""
    problem = ""
    for _ in range(_LOOKS):
        standing = _standing(database, cohort_id)
        if standing.stage in OVER:
            return None
        if standing.stage is Stage.PAUSED:
            return Pausing(cohort=name, outcome=PauseOutcome.PAUSED_ALREADY)
        try:
            give(cohort_id, Order(command=Command.PAUSE, by=by, reason=reason, seen=standing.version))
        except Refused as refusal:
            problem = str(refusal)
            if _standing(database, cohort_id) == standing:
                break
        except NobodyThere as nobody:
            return Pausing(cohort=name, outcome=PauseOutcome.NO_ANSWER, problem=str(nobody))
        else:
            return Pausing(cohort=name, outcome=PauseOutcome.PAUSED)
    return Pausing(cohort=name, outcome=PauseOutcome.REFUSED, problem=problem)


def _standing(database: Database, cohort_id: str) -> Standing:
    with database.reading() as session:
        return cohorts.standing(cohorts.get(session, cohort_id))
