"""Writes down where a rollout stands, and by which description, in the epoch in which it was started."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.rollouts import Described, RolloutActivities, StandingChange
    from domain.rollouts.edits import Edit
    from domain.rollouts.rollout import Standing
    from workflows.timeouts import SHORT


class RolloutRecords:
    """What one rollout writes down; a database that was restored since takes nothing of it."""

    def __init__(self, cohort_id: str, epoch: int) -> None:
        self._cohort_id = cohort_id
        self._epoch = epoch

    async def describe(self, edit: Edit, standing: Standing) -> None:
        """Write down an edit, and where the rollout stands by it."""
        described = Described(
            cohort_id=self._cohort_id, edit=edit, standing=standing, at=workflow.now(), epoch=self._epoch
        )
        await workflow.execute_local_activity_method(RolloutActivities.describe_anew, described, **SHORT)

    async def stand(self, standing: Standing, kind: str, *, by: str, reason: str) -> None:
        """Write down where the rollout stands, and why."""
        change = StandingChange(
            cohort_id=self._cohort_id,
            standing=standing,
            kind=kind,
            by=by,
            reason=reason,
            at=workflow.now(),
            epoch=self._epoch,
        )
        await workflow.execute_local_activity_method(RolloutActivities.record, change, **SHORT)
