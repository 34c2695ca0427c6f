"""Rollouts without a Temporal server: orders are taken, refused and journalled by the same rules."""

from dataclasses import dataclass

from domain.errors import Refused, Unknown
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import CommandRefused, Order, Standing, obeyed, require_taken
from services.container import NobodyThere
from store import Database
from store.rollouts import cohorts
from tests.clocks import FakeClock


@dataclass
class FakeRollouts:
    """Does what rollouts do, at once; while it is `away`, nobody is there."""

    database: Database
    clock: FakeClock
    is_away: bool = False

    def launch(self, cohort: Cohort, *, by: str, reason: str) -> str:
        self._answer()
        with self.database.transaction() as session:
            return cohorts.add(session, cohort, at=self.clock(), by=by, reason=reason).cohort_id

    def give(self, cohort_id: str, order: Order) -> Standing:
        self._answer()
        refusal: Refused | None = None
        with self.database.transaction() as session:
            row = cohorts.get(session, cohort_id)
            where = cohorts.standing(row)
            said: dict[str, str] = {}
            try:
                require_taken(order, where)
                where = obeyed(order, where, cohorts.description(row), at=self.clock())
                cohorts.stand(session, row.cohort_id, where)
            except CommandRefused as error:
                refusal, said = error, {"refusal": str(error)}
            kind = f"{order.command}_refused" if refusal else order.command
            cohorts.note(
                session, row.cohort_id, kind, by=order.by, reason=order.reason, at=self.clock(), **said
            )
        if refusal:
            raise refusal
        return where

    def edit(self, cohort: Cohort, *, by: str, reason: str) -> None:
        self._answer()
        with self.database.transaction() as session:
            row = cohorts.by_name(session, cohort.name)
            if row is None:
                raise Unknown(f"no cohort {cohort.name}")
            cohorts.describe_anew(session, row.cohort_id, cohort, at=self.clock(), by=by, reason=reason)

    def _answer(self) -> None:
        if self.is_away:
            raise NobodyThere("Temporal does not answer", is_taken=False)
