"""Rollouts without a Temporal server: orders are taken, refused and journalled by the same rules."""

from dataclasses import dataclass

from domain.errors import Refused
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit, edited, require_editable
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

    def edit(self, cohort_id: str, edit: Edit) -> Standing:
        self._answer()
        with self.database.transaction() as session:
            row = cohorts.get(session, cohort_id)
            before, where = cohorts.description(row), cohorts.standing(row)
            require_editable(edit, where, before)
            where = edited(where, before, edit, at=self.clock())
            cohorts.describe_anew(session, cohort_id, edit.cohort, at=self.clock())
            cohorts.stand(session, cohort_id, where)
            cohorts.note(session, cohort_id, "edit", by=edit.by, reason=edit.reason, at=self.clock())
        return where

    def _answer(self) -> None:
        if self.is_away:
            raise NobodyThere("Temporal does not answer", is_taken=False)
