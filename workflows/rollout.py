"""The rollout of one cohort: wave by wave, watched, and stopped by its guardrails or its operators."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.refusals import beyond_retrying
    from activities.rollouts import Judgement, RolloutActivities
    from activities.waves import LaunchTask, WaveActivities, WaveToPass
    from domain.rollouts.awaited import Awaited, launches_until, wait
    from domain.rollouts.cohorts import Cohort
    from domain.rollouts.edits import Edit, require_editable
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
        obeyed,
        require_taken,
        suspected,
    )
    from domain.rollouts.second_looks import SUSPECTED
    from workflows.history_length import is_history_long
    from workflows.releases import DATABASE_DECIDES, EMPTY_WAVES, WATCHED_TO_THE_END
    from workflows.rollout_alarms import RolloutAlarms
    from workflows.rollout_input import RolloutInput
    from workflows.rollout_memory import RolloutMemory
    from workflows.timeouts import LONG, SHORT

GUARDRAILS = "guardrails"


@workflow.defn
class RolloutWorkflow:
    """Launches the waves of one cohort. Each wave is watched before the next one begins."""

    @workflow.init
    def __init__(self, start: RolloutInput) -> None:
        self._cohort_id = start.cohort_id
        self._memory = RolloutMemory(start)
        self._is_enrolled = start.is_enrolled
        self._epoch = start.epoch
        self._alarms = RolloutAlarms(start.cohort_id)
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
        return self._memory.standing.stage

    @workflow.update
    async def command(self, order: Order) -> Standing:
        async with self._one_at_a_time:
            with beyond_retrying():
                require_taken(order, self._memory.standing)
                while not await self._obey(order):
                    require_taken(order, self._memory.standing)
            return self._memory.standing

    @command.validator
    def refuse_at_once(self, order: Order) -> None:
        require_taken(order, self._memory.standing)

    @workflow.update
    async def edit(self, edit: Edit) -> Standing:
        """Follow another description from now on; running journeys hear of their new policy afterwards."""
        async with self._one_at_a_time:
            with beyond_retrying():
                require_editable(edit, self._memory.standing, self._memory.cohort)
                while not await self._memory.describe(edit):
                    require_editable(edit, self._memory.standing, self._memory.cohort)
            self._memory.edits += 1
            self._memory.has_to_renew = True
            return self._memory.standing

    @edit.validator
    def refuse_edit_at_once(self, edit: Edit) -> None:
        require_editable(edit, self._memory.standing, self._memory.cohort)

    @workflow.update
    async def describe_anew(self, cohort: Cohort) -> None:
        """Follow a changed description that the caller has written down, as callers of older releases do."""
        self._memory.cohort = cohort
        await workflow.execute_activity_method(RolloutActivities.renew_policies, self._cohort_id, **LONG)

    @workflow.query
    def standing(self) -> Standing:
        return self._memory.standing

    async def _release(self) -> None:
        """After a pause, let the held journeys go on."""
        if self._memory.has_held_journeys and self._memory.standing.stage is not Stage.PAUSED:
            self._memory.has_held_journeys = False
            await workflow.execute_activity_method(RolloutActivities.release_held, self._cohort_id, **LONG)

    async def _renew_policies(self) -> None:
        """After every edit, let running journeys follow the newest policy."""
        while True:
            await workflow.wait_condition(lambda: self._memory.has_to_renew)
            edits = self._memory.edits
            await workflow.execute_activity_method(RolloutActivities.renew_policies, self._cohort_id, **LONG)
            self._memory.has_to_renew = self._memory.edits != edits

    async def _enrol(self) -> None:
        if not self._is_enrolled:
            await workflow.execute_activity_method(WaveActivities.enrol_members, self._cohort_id, **LONG)
            self._is_enrolled = True

    def _is_over(self) -> bool:
        if self._memory.standing.stage is Stage.DONE:
            return not workflow.patched(WATCHED_TO_THE_END)
        return self._memory.standing.stage in OVER

    async def _go_on(self) -> None:
        """Launch, or wait for what the pages say that the rollout waits for."""
        standing, now = self._memory.standing, workflow.now()
        waited_for = wait(standing, self._memory.cohort, now=now)
        match waited_for.awaited:
            case Awaited.LAUNCHES:
                await self._launch(standing.version, now)
            case Awaited.WINDOW | Awaited.NO_WINDOW:
                if not await self._pass_if_empty(standing):
                    await self._moved_on(standing.version, until=waited_for.until)
            case _:
                await self._moved_on(standing.version)

    async def _launch(self, version: int, now: datetime) -> None:
        """Launch the wave until everybody is started, its window closes, or the rollout moves on."""
        wave, until = self._memory.standing.wave, launches_until(self._memory.cohort, now=now)
        task = LaunchTask(cohort_id=self._cohort_id, wave=wave, after=self._memory.place, until=until)
        launch = await workflow.execute_activity_method(WaveActivities.launch_wave, task, **LONG)
        async with self._one_at_a_time:
            if self._memory.standing.wave == wave:
                self._memory.place = launch.place
            if self._memory.standing.version != version:
                return
            if launch.everybody:
                await self._memory.stand_launched(is_empty=launch.is_empty)
            elif workflow.now() < until and workflow.patched(DATABASE_DECIDES):
                await self._memory.catch_up()  # it came back early: by the database nothing is to be launched

    async def _pass_if_empty(self, standing: Standing) -> bool:
        """Go on without waiting for a window, if the wave has nobody to launch."""
        if not workflow.patched(EMPTY_WAVES):
            return False
        wave = WaveToPass(cohort_id=self._cohort_id, wave=standing.wave)
        if not await workflow.execute_activity_method(WaveActivities.pass_empty_wave, wave, **LONG):
            return False
        async with self._one_at_a_time:
            if self._memory.standing.version == standing.version:
                await self._memory.stand_launched(is_empty=True)
        return True

    async def _assess_regularly(self) -> None:
        while True:
            await self._time_to_assess(began_at=workflow.now())
            if self._memory.standing.stage is Stage.PAUSED and not workflow.patched(WATCHED_TO_THE_END):
                continue
            edits, version = self._memory.edits, self._memory.standing.version
            judgement = await workflow.execute_local_activity_method(
                RolloutActivities.assess, self._cohort_id, **SHORT
            )
            async with self._one_at_a_time:
                # Else it was judged by rules, or for a standing, that no longer hold.
                if self._memory.edits == edits and self._stands_at(version):
                    await self._heed(judgement)

    def _stands_at(self, version: int) -> bool:
        return self._memory.standing.version == version or not workflow.patched(WATCHED_TO_THE_END)

    async def _time_to_assess(self, *, began_at: datetime) -> None:
        """Wait for as long as the description says; an edit meanwhile is heard at once."""
        while (left := began_at + self._memory.cohort.assess_every - workflow.now()) > timedelta():
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(self._edited_since(self._memory.edits), timeout=left)

    def _edited_since(self, edits: int) -> Callable[[], bool]:
        return lambda: self._memory.edits != edits

    async def _heed(self, judgement: Judgement) -> None:
        """React to failed guardrails, or go on if the time and the verdict allow it.

        While operators have paused the rollout, they decide.
        """
        if judgement.version > self._memory.standing.version:
            if workflow.patched(DATABASE_DECIDES):
                await self._memory.catch_up()
            else:
                await self._memory.restate(judgement.version)
            return
        if self._memory.standing.stage in OVER or self._memory.standing.stage is Stage.PAUSED:
            return
        if judgement.reaction:
            since = self._memory.standing.since or workflow.now()
            await self._alarms.tell(judgement, judgement.reaction, since=since)
        if judgement.reaction in (Reaction.PAUSE, Reaction.ROLLBACK):
            command = Command.PAUSE if judgement.reaction is Reaction.PAUSE else Command.ROLLBACK
            why, waves = judgement.failure, judgement.waves
            await self._obey(Order(command=command, by=GUARDRAILS, reason=why, takes_back=waves))
            return
        if not await self._look_twice(judgement):
            return
        standing = judged(self._memory.standing, self._memory.cohort, judgement.verdict, at=workflow.now())
        if standing is self._memory.standing and judgement.everybody_ended:
            standing = ended(standing, at=workflow.now())
        if standing != self._memory.standing:
            await self._memory.stand(standing, standing.stage)

    async def _look_twice(self, judgement: Judgement) -> bool:
        """Launch nobody new after a first failing look at what rolls back, until other people have been looked at.

        False if the rollout stands elsewhere by the database.
        """
        if judgement.is_suspected and not self._memory.standing.suspected_at:
            now = workflow.now()
            await self._alarms.tell(judgement, Reaction.ROLLBACK, since=now, is_first_look=True)
            because = f"{judgement.failure}; nobody new is launched before a second look"
            standing = suspected(self._memory.standing, at=workflow.now(), because=because)
            return await self._memory.stand(standing, SUSPECTED, by=GUARDRAILS)
        if judgement.is_cleared and self._memory.standing.suspected_at:
            standing = cleared(self._memory.standing, because="the second look passed")
            return await self._memory.stand(standing, "cleared", by=GUARDRAILS)
        return True

    async def _obey(self, order: Order) -> bool:
        self._memory.has_held_journeys = (
            self._memory.has_held_journeys or self._memory.standing.stage is Stage.PAUSED
        )
        standing = obeyed(order, self._memory.standing, self._memory.cohort, at=workflow.now())
        return await self._memory.stand(standing, order.command, by=order.by, reason=order.reason)

    async def _moved_on(self, version: int, *, until: datetime | None = None) -> None:
        """Wait until the rollout stands elsewhere, a moment has come, or the history has grown long."""
        timeout = until - workflow.now() if until else None
        try:
            await workflow.wait_condition(
                lambda: self._memory.standing.version != version or self._has_to_look_up(), timeout=timeout
            )
        except TimeoutError:
            return

    def _has_to_look_up(self) -> bool:
        return is_history_long() or any(task.done() for task in self._beside)

    async def _take_back(self) -> None:
        if self._memory.standing.stage in (Stage.ABORTED, Stage.ROLLED_BACK):
            standing = self._memory.standing
            arguments = [self._cohort_id, standing.stage, standing.wave, standing.takes_back]
            await workflow.execute_activity_method(RolloutActivities.take_back, args=arguments, **LONG)

    async def _continue(self) -> None:
        async with self._one_at_a_time:
            self._stop_watching()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            RolloutInput(
                cohort_id=self._cohort_id,
                cohort=self._memory.cohort,
                standing=self._memory.standing,
                is_enrolled=self._is_enrolled,
                place=self._memory.place,
                has_held_journeys=self._memory.has_held_journeys,
                has_to_renew=self._memory.has_to_renew,
                epoch=self._epoch,
            )
        )

    def _stop_watching(self) -> None:
        for task in self._beside:
            task.cancel()
