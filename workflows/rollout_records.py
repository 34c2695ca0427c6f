"""Writes down where a rollout stands, and by which description, in the epoch in which it was started."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.rollouts import RolloutActivities
    from activities.standings import Described, Remembered, StandingChange, Written
    from domain.rollouts.cohorts import Cohort
    from domain.rollouts.edits import Edit
    from domain.rollouts.rollout import Standing
    from workflows.timeouts import SHORT

BY_ITSELF = "rollout"


class RolloutRecords:
    """What one rollout writes down, and reads again; a database that was restored since takes nothing of it."""

    def __init__(self, cohort_id: str, epoch: int) -> None:
        self._cohort_id = cohort_id
        self._epoch = epoch

    async def describe(self, edit: Edit, standing: Standing) -> Written | None:
        """Write down an edit, and where the rollout stands by it; returns what the database says instead, if so."""
        described = Described(
            cohort_id=self._cohort_id, edit=edit, standing=standing, at=workflow.now(), epoch=self._epoch
        )
        return await workflow.execute_local_activity_method(
            RolloutActivities.describe_anew, described, **SHORT
        )

    async def stand(self, standing: Standing, kind: str, *, by: str, reason: str) -> Written | None:
        """Write down where the rollout stands, and why; returns what the database says instead, if so."""
        change = StandingChange(
            cohort_id=self._cohort_id,
            standing=standing,
            kind=kind,
            by=by,
            reason=reason,
            at=workflow.now(),
            epoch=self._epoch,
        )
        return await workflow.execute_local_activity_method(RolloutActivities.record, change, **SHORT)

    async def look_up(self, standing: Standing) -> Written | None:
        """What the database says of the rollout, if that is later than this standing."""
        remembered = Remembered(cohort_id=self._cohort_id, version=standing.version, epoch=self._epoch)
        return await workflow.execute_local_activity_method(RolloutActivities.look_up, remembered, **SHORT)

    async def restate(self, standing: Standing, cohort: Cohort) -> None:
        """Write down again where the rollout stands, and its rules, as rollouts of older releases do."""
        reason = "restated: the last order or edit was lost"
        await self.describe(Edit(cohort=cohort, by=BY_ITSELF, reason=reason), standing)
