"""The rollout of one cohort: wave by wave, watched, and stopped by its guardrails or its operators."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.refusals import beyond_retrying
    from activities.rollouts import Judgement, RolloutActivities
    from activities.waves import LaunchTask, WaveActivities
    from domain.rollouts.awaited import Awaited, launches_until, wait
    from domain.rollouts.cohorts import Cohort
    from domain.rollouts.edits import Edit, edited, require_editable
    from domain.rollouts.guardrails import Reaction
    from domain.rollouts.rollout import (
        OVER,
        Command,
        Order,
        Stage,
        Standing,
        cleared,
        ended,
        judged,
        launched,
        obeyed,
        require_taken,
        suspected,
    )
    from domain.rollouts.second_looks import SUSPECTED
    from store.rollouts.members import LaunchPosition
    from workflows.history_length import is_history_long
    from workflows.releases import WATCHED_TO_THE_END
    from workflows.rollout_alarms import RolloutAlarms
    from workflows.rollout_input import RolloutInput
    from workflows.rollout_records import RolloutRecords
    from workflows.timeouts import LONG, SHORT


BY_ITSELF = "rollout"
GUARDRAILS = "guardrails"


@workflow.defn
class RolloutWorkflow:
    """Launches the waves of one cohort. Each wave is watched before the next one begins."""

    @workflow.init
    def __init__(self, start: RolloutInput) -> None:
        self._cohort_id = start.cohort_id
        self._cohort = start.cohort
        self._standing = start.standing
        self._is_enrolled = start.is_enrolled
        self._place = start.place or LaunchPosition()
        self._has_held_journeys = start.has_held_journeys
        self._has_to_renew = start.has_to_renew
        self._epoch = start.epoch
        self._edits = 0
        self._alarms = RolloutAlarms(start.cohort_id)
        self._records = RolloutRecords(start.cohort_id, start.epoch)
        self._one_at_a_time = asyncio.Lock()
        self._beside: list[asyncio.Task[None]] = []

    @workflow.run
    async def run(self, start: RolloutInput) -> Stage:
        await self._enrol()
        self._beside = [
            asyncio.create_task(self._assess_regularly()),
            asyncio.create_task(self._renew_policies()),
        ]
        while not self._is_over():
            for task in self._beside:
                if task.done():
                    task.result()  # raises: a rollout that nobody watches does not go on
            if is_history_long():
                await self._continue()
            await self._release()
            await self._go_on()
        self._stop_watching()
        await self._take_back()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing.stage

    @workflow.update
    async def command(self, order: Order) -> Standing:
        async with self._one_at_a_time:
            with beyond_retrying():
                require_taken(order, self._standing)
            await self._obey(order)
            return self._standing

    @command.validator
    def refuse_at_once(self, order: Order) -> None:
        require_taken(order, self._standing)

    @workflow.update
    async def edit(self, edit: Edit) -> Standing:
        """Follow another description from now on; running journeys hear of their new policy afterwards."""
        async with self._one_at_a_time:
            with beyond_retrying():
                require_editable(edit, self._standing, self._cohort)
            await self._describe(edit, edited(self._standing, self._cohort, edit, at=workflow.now()))
            self._edits += 1
            self._has_to_renew = True
            return self._standing

    @edit.validator
    def refuse_edit_at_once(self, edit: Edit) -> None:
        require_editable(edit, self._standing, self._cohort)

    @workflow.update
    async def describe_anew(self, cohort: Cohort) -> None:
        """Follow a changed description that the caller has written down, as callers of older releases do."""
        self._cohort = cohort
        await workflow.execute_activity_method(RolloutActivities.renew_policies, self._cohort_id, **LONG)

    @workflow.query
    def standing(self) -> Standing:
        return self._standing

    async def _release(self) -> None:
        """After a pause, let the held journeys go on."""
        if self._has_held_journeys and self._standing.stage is not Stage.PAUSED:
            self._has_held_journeys = False
            await workflow.execute_activity_method(RolloutActivities.release_held, self._cohort_id, **LONG)

    async def _renew_policies(self) -> None:
        """After every edit, let running journeys follow the newest policy."""
        while True:
            await workflow.wait_condition(lambda: self._has_to_renew)
            edits = self._edits
            await workflow.execute_activity_method(RolloutActivities.renew_policies, self._cohort_id, **LONG)
            self._has_to_renew = self._edits != edits

    async def _enrol(self) -> None:
        if not self._is_enrolled:
            await workflow.execute_activity_method(WaveActivities.enrol_members, self._cohort_id, **LONG)
            self._is_enrolled = True

    def _is_over(self) -> bool:
        if self._standing.stage is Stage.DONE:
            return not workflow.patched(WATCHED_TO_THE_END)
        return self._standing.stage in OVER

    async def _go_on(self) -> None:
        """Launch, or wait for what the pages say that the rollout waits for."""
        standing, now = self._standing, workflow.now()
        waited_for = wait(standing, self._cohort, now=now)
        match waited_for.awaited:
            case Awaited.LAUNCHES:
                await self._launch(standing.version, now)
            case Awaited.WINDOW:
                await self._moved_on(standing.version, until=waited_for.until)
            case _:
                await self._moved_on(standing.version)

    async def _launch(self, version: int, now: datetime) -> None:
        """Launch the wave until everybody is started, its window closes, or the rollout moves on."""
        task = LaunchTask(
            cohort_id=self._cohort_id,
            wave=self._standing.wave,
            after=self._place,
            until=launches_until(self._cohort, now=now),
        )
        launch = await workflow.execute_activity_method(WaveActivities.launch_wave, task, **LONG)
        async with self._one_at_a_time:
            self._place = launch.place
            if launch.everybody and self._standing.version == version:
                self._place = LaunchPosition()
                await self._stand(launched(self._standing, self._cohort, at=workflow.now()), "wave_launched")

    async def _assess_regularly(self) -> None:
        while True:
            await self._time_to_assess(began_at=workflow.now())
            if self._standing.stage is Stage.PAUSED and not workflow.patched(WATCHED_TO_THE_END):
                continue
            edits, version = self._edits, self._standing.version
            judgement = await workflow.execute_local_activity_method(
                RolloutActivities.assess, self._cohort_id, **SHORT
            )
            async with self._one_at_a_time:
                # Else it was judged by rules, or for a standing, that no longer hold.
                if self._edits == edits and self._stands_at(version):
                    await self._heed(judgement)

    def _stands_at(self, version: int) -> bool:
        return self._standing.version == version or not workflow.patched(WATCHED_TO_THE_END)

    async def _time_to_assess(self, *, began_at: datetime) -> None:
        """Wait for as long as the description says; an edit meanwhile is heard at once."""
        while (left := began_at + self._cohort.assess_every - workflow.now()) > timedelta():
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(self._edited_since(self._edits), timeout=left)

    def _edited_since(self, edits: int) -> Callable[[], bool]:
        return lambda: self._edits != edits

    async def _heed(self, judgement: Judgement) -> None:
        """React to failed guardrails, or go on if the time and the verdict allow it.

        While operators have paused the rollout, they decide.
        """
        if judgement.version > self._standing.version:
            await self._restate(judgement.version)
            return
        if self._standing.stage in OVER or self._standing.stage is Stage.PAUSED:
            return
        if judgement.reaction:
            since = self._standing.since or workflow.now()
            await self._alarms.tell(judgement, judgement.reaction, since=since)
        if judgement.reaction in (Reaction.PAUSE, Reaction.ROLLBACK):
            command = Command.PAUSE if judgement.reaction is Reaction.PAUSE else Command.ROLLBACK
            why, waves = judgement.failure, judgement.waves
            await self._obey(Order(command=command, by=GUARDRAILS, reason=why, takes_back=waves))
            return
        await self._look_twice(judgement)
        standing = judged(self._standing, self._cohort, judgement.verdict, at=workflow.now())
        if standing is self._standing and judgement.everybody_ended:
            standing = ended(standing, at=workflow.now())
        if standing != self._standing:
            await self._stand(standing, standing.stage)

    async def _restate(self, version: int) -> None:
        """Write down again where the rollout stands, and its rules: what was written last was lost on its way here."""
        reason = "restated: the last order or edit was lost"
        edit = Edit(cohort=self._cohort, by=BY_ITSELF, reason=reason)
        await self._describe(edit, replace(self._standing, version=version + 1))

    async def _describe(self, edit: Edit, standing: Standing) -> None:
        await self._records.describe(edit, standing)
        self._standing, self._cohort = standing, edit.cohort

    async def _look_twice(self, judgement: Judgement) -> None:
        """Launch nobody new after a first failing look at what rolls back, until other people have been looked at."""
        if judgement.is_suspected and not self._standing.suspected_at:
            now = workflow.now()
            await self._alarms.tell(judgement, Reaction.ROLLBACK, since=now, is_first_look=True)
            because = f"{judgement.failure}; nobody new is launched before a second look"
            standing = suspected(self._standing, at=workflow.now(), because=because)
            await self._stand(standing, SUSPECTED, by=GUARDRAILS)
        elif judgement.is_cleared and self._standing.suspected_at:
            standing = cleared(self._standing, because="the second look passed")
            await self._stand(standing, "cleared", by=GUARDRAILS)

    async def _obey(self, order: Order) -> None:
        self._has_held_journeys = self._has_held_journeys or self._standing.stage is Stage.PAUSED
        standing = obeyed(order, self._standing, self._cohort, at=workflow.now())
        await self._stand(standing, order.command, by=order.by, reason=order.reason)

    async def _stand(self, standing: Standing, kind: str, *, by: str = BY_ITSELF, reason: str = "") -> None:
        await self._records.stand(standing, kind, by=by, reason=reason or standing.because)
        self._standing = standing

    async def _moved_on(self, version: int, *, until: datetime | None = None) -> None:
        """Wait until the rollout stands elsewhere, a moment has come, or the history has grown long."""
        timeout = until - workflow.now() if until else None
        try:
            await workflow.wait_condition(
                lambda: self._standing.version != version or self._has_to_look_up(), timeout=timeout
            )
        except TimeoutError:
            return

    def _has_to_look_up(self) -> bool:
        return is_history_long() or any(task.done() for task in self._beside)

    async def _take_back(self) -> None:
        if self._standing.stage in (Stage.ABORTED, Stage.ROLLED_BACK):
            standing = self._standing
            arguments = [self._cohort_id, standing.stage, standing.wave, standing.takes_back]
            await workflow.execute_activity_method(RolloutActivities.take_back, args=arguments, **LONG)

    async def _continue(self) -> None:
        async with self._one_at_a_time:
            self._stop_watching()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            RolloutInput(
                cohort_id=self._cohort_id,
                cohort=self._cohort,
                standing=self._standing,
                is_enrolled=self._is_enrolled,
                place=self._place,
                has_held_journeys=self._has_held_journeys,
                has_to_renew=self._has_to_renew,
                epoch=self._epoch,
            )
        )

    def _stop_watching(self) -> None:
        for task in self._beside:
            task.cancel()
