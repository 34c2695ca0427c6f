"""One request to get back in by oneself: it waits, tells, opens and lapses, whatever crashes meanwhile."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.recoveries import RecoveryActivities, RecoveryStep
    from domain.recovery import RecoveryAct, RecoveryPlan, RecoveryStage, RecoveryState, plan
    from workflows.timeouts import SHORT, TRY_AGAIN

ACTIVITIES: dict[RecoveryAct, Callable[[Any, RecoveryStep], RecoveryState]] = {
    RecoveryAct.TELL_AGAIN: RecoveryActivities.tell_again,
    RecoveryAct.OPEN: RecoveryActivities.open_recovery,
    RecoveryAct.LAPSE: RecoveryActivities.lapse,
}


@workflow.defn
class RecoveryWorkflow:
    """Takes one request from its first proof to its end: makes a plan, waits for its moment, and does its act."""

    @workflow.init
    def __init__(self, start: RecoveryState) -> None:
        self._state = start

    @workflow.run
    async def run(self, start: RecoveryState) -> RecoveryStage:
        while not self._state.stage.is_over:
            next_plan = plan(self._state)
            if not await self._changed_before(next_plan.at):
                await self._do(next_plan)
        return self._state.stage

    @workflow.signal
    def recovery_changed(self, state: RecoveryState) -> None:
        if state.supersedes(self._state):
            self._state = state

    @workflow.query
    def state(self) -> RecoveryState:
        """What it goes by."""
        return self._state

    async def _changed_before(self, moment: datetime | None) -> bool:
        """Wait until a moment, or for ever; True as soon as something newer is known, which makes another plan."""
        planned_by = self._state
        if moment and moment <= workflow.now():
            return False
        try:
            await workflow.wait_condition(
                lambda: self._state.supersedes(planned_by),
                timeout=moment - workflow.now() if moment else None,
            )
        except TimeoutError:
            return False
        return True

    async def _do(self, next_plan: RecoveryPlan) -> None:
        planned_by = self._state
        if next_plan.act:
            step = RecoveryStep(state=planned_by, at=workflow.now())
            act = ACTIVITIES[next_plan.act]
            self.recovery_changed(await workflow.execute_local_activity_method(act, step, **SHORT))
        if (
            self._state is planned_by
        ):  # the act changed nothing, so the database knows better: wait for its word
            await self._changed_before(workflow.now() + TRY_AGAIN)
