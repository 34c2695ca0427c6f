"""What a rollout remembers of itself from step to step; where the database knows otherwise, the database counts."""

from dataclasses import replace

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.standings import Written
    from domain.rollouts.cohorts import Cohort
    from domain.rollouts.edits import Edit, edited
    from domain.rollouts.rollout import Standing, launched
    from store.rollouts.members import LaunchPosition
    from workflows.rollout_input import RolloutInput
    from workflows.rollout_records import BY_ITSELF, RolloutRecords


class RolloutMemory:
    """Where one rollout stands, by which description, and what it has left to do because of that.

    `edits` counts changes of the description. A step is remembered once it is written down; a method that takes one
    returns False if the database knows another one, which is remembered in its place.
    """

    def __init__(self, start: RolloutInput) -> None:
        self.standing = start.standing
        self.cohort = start.cohort
        self.place = start.place or LaunchPosition()
        self.has_held_journeys = start.has_held_journeys
        self.has_to_renew = start.has_to_renew
        self.edits = 0
        self._records = RolloutRecords(start.cohort_id, start.epoch)

    async def stand(self, standing: Standing, kind: str, *, by: str = BY_ITSELF, reason: str = "") -> bool:
        """Take a step to another standing."""
        written = await self._records.stand(standing, kind, by=by, reason=reason or standing.because)
        return self._go_by(standing, self.cohort, written)

    async def stand_launched(self, *, is_empty: bool) -> None:
        """Take the step that ends the launch of a wave: to its watch, or on to the next one if it is empty."""
        self.place = LaunchPosition()
        standing = launched(self.standing, self.cohort, at=workflow.now(), is_empty=is_empty)
        await self.stand(standing, "wave_empty" if is_empty else "wave_launched")

    async def describe(self, edit: Edit) -> bool:
        """Follow another description, and stand where that leads."""
        standing = edited(self.standing, self.cohort, edit, at=workflow.now())
        return self._go_by(standing, edit.cohort, await self._records.describe(edit, standing))

    async def catch_up(self) -> None:
        """Go on from what the database says, if that is later: its answer was lost, or Temporal has a backup."""
        if written := await self._records.look_up(self.standing):
            self._believe(written)

    async def restate(self, version: int) -> None:
        """Write down again what is remembered here, with a later version, as rollouts of older releases do."""
        standing = replace(self.standing, version=version + 1)
        await self._records.restate(standing, self.cohort)
        self.standing = standing

    def _go_by(self, standing: Standing, cohort: Cohort, written: Written | None) -> bool:
        if written and not (standing.repeats(written.standing) and written.cohort == cohort):
            self._believe(written)
            return False
        self.standing, self.cohort = written.standing if written else standing, cohort
        return True

    def _believe(self, written: Written) -> None:
        """Stand where the database says, by its description; what may follow from either is done again."""
        self.standing, self.cohort = written.standing, written.cohort
        self.place = LaunchPosition()
        self.has_held_journeys = self.has_to_renew = True
        self.edits += 1
