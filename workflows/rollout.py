"""The rollout of one cohort: wave by wave, watched, and stopped by its guardrails or its operators."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.rollouts import Alarm, Judgement, RolloutActivities, StandingChange
    from activities.waves import LaunchTask, WaveActivities
    from domain.messages.messages import Queue
    from domain.rollouts.cohorts import Cohort
    from domain.rollouts.guardrails import Reaction
    from domain.rollouts.rollout import (
        OVER,
        Command,
        CommandRefused,
        Order,
        Stage,
        Standing,
        judged,
        launched,
        obeyed,
        require_taken,
    )
    from store.rollouts.members import LaunchPosition
    from workflows.timeouts import Timeouts


class LongTimeouts(Timeouts):
    """The timeouts of walks through many accounts, which send heartbeats."""

    task_queue: str
    heartbeat_timeout: timedelta
    priority: Priority


RETRY = RetryPolicy(maximum_interval=timedelta(minutes=1))
SHORT: Timeouts = {"start_to_close_timeout": timedelta(minutes=2), "retry_policy": RETRY}
LONG: LongTimeouts = {
    "task_queue": Queue.BULK,
    "start_to_close_timeout": timedelta(days=30),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RETRY,
    "priority": Priority(priority_key=1),  # a rollback never waits behind a campaign of reminders
}

LONGEST_HISTORY = 350
"""Events after which the history starts anew, so that another worker has little to replay."""

ASSESSMENTS_PER_LAUNCH = 15
"""How long one launch activity runs, in assessments: they add events, and meanwhile the history cannot start anew."""

BY_ITSELF = "rollout"
GUARDRAILS = "guardrails"


@dataclass(frozen=True, kw_only=True)
class RolloutInput:
    """The rollout's cohort with its description, and where the rollout stands."""

    cohort_id: str
    cohort: Cohort
    standing: Standing
    is_enrolled: bool = False
    place: LaunchPosition | None = None
    has_held_journeys: bool = False


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
        self._notified: tuple[str, ...] = ()
        self._one_at_a_time = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, start: RolloutInput) -> Stage:
        await self._enrol()
        self._watching = asyncio.create_task(self._assess_regularly())
        while self._standing.stage not in OVER:
            if self._watching.done():
                self._watching.result()  # raises: a rollout that nobody watches does not go on
            if self._is_history_long():
                await self._continue()
            await self._release()
            if self._standing.stage is Stage.LAUNCHING:
                await self._launch()
            else:
                await self._moved_on(self._standing.version)
        self._watching.cancel()
        await self._take_back()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing.stage

    @workflow.update
    async def command(self, order: Order) -> Standing:
        async with self._one_at_a_time:
            try:
                require_taken(order, self._standing)
            except CommandRefused as refusal:
                raise ApplicationError(str(refusal), type="CommandRefused", non_retryable=True) from refusal
            await self._obey(order)
            return self._standing

    @command.validator
    def refuse_at_once(self, order: Order) -> None:
        require_taken(order, self._standing)

    @workflow.update
    async def describe_anew(self, cohort: Cohort) -> None:
        """Follow a changed description from now on; running journeys hear of their new policy."""
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

    async def _enrol(self) -> None:
        if not self._is_enrolled:
            await workflow.execute_activity_method(WaveActivities.enrol_members, self._cohort_id, **LONG)
            self._is_enrolled = True

    async def _launch(self) -> None:
        """Launch the wave in its windows, until everybody is started or the rollout moves on."""
        version, now = self._standing.version, workflow.now()
        opens_at = self._cohort.windows.opens_at(now)
        if opens_at is None or opens_at > now:
            await self._moved_on(version, until=opens_at)
            return
        task = LaunchTask(
            cohort_id=self._cohort_id,
            wave=self._standing.wave,
            after=self._place,
            until=self._pauses_at(now),
        )
        launch = await workflow.execute_activity_method(WaveActivities.launch_wave, task, **LONG)
        async with self._one_at_a_time:
            self._place = launch.place
            if launch.everybody and self._standing.version == version:
                self._place = LaunchPosition()
                await self._stand(launched(self._standing, self._cohort, at=workflow.now()), "wave_launched")

    def _pauses_at(self, now: datetime) -> datetime:
        """When a launch activity ends at the latest: its window closes, or the history's length has to be checked."""
        in_time = now + ASSESSMENTS_PER_LAUNCH * self._cohort.assess_every
        return min(self._cohort.windows.closes_at(now) or in_time, in_time)

    async def _assess_regularly(self) -> None:
        while True:
            await workflow.sleep(self._cohort.assess_every)
            if self._standing.stage is Stage.PAUSED:
                continue
            judgement = await workflow.execute_local_activity_method(
                RolloutActivities.assess, self._cohort_id, **SHORT
            )
            async with self._one_at_a_time:
                await self._heed(judgement)

    async def _heed(self, judgement: Judgement) -> None:
        """React to failed guardrails, or go on if the time and the verdict allow it."""
        if self._standing.stage in OVER or self._standing.stage is Stage.PAUSED:
            return
        reason = f"failed: {', '.join(judgement.failed)}"
        if judgement.reaction:
            await self._notify(judgement.failed, judgement.reaction)
        if judgement.reaction in (Reaction.PAUSE, Reaction.ROLLBACK):
            command = Command.PAUSE if judgement.reaction is Reaction.PAUSE else Command.ROLLBACK
            await self._obey(Order(command=command, by=GUARDRAILS, reason=reason))
            return
        standing = judged(self._standing, self._cohort, judgement.verdict, at=workflow.now())
        if standing != self._standing:
            await self._stand(standing, standing.stage)

    async def _notify(self, failed: tuple[str, ...], reaction: Reaction) -> None:
        """Tell the operators once of each set of failures, and not at every assessment."""
        if failed == self._notified:
            return
        self._notified = failed
        since = self._standing.since or workflow.now()
        alarm = Alarm(cohort_id=self._cohort_id, failed=failed, reaction=reaction, since=since)
        await workflow.execute_local_activity_method(RolloutActivities.notify, alarm, **SHORT)

    async def _obey(self, order: Order) -> None:
        self._has_held_journeys = self._has_held_journeys or self._standing.stage is Stage.PAUSED
        standing = obeyed(order, self._standing, self._cohort, at=workflow.now())
        await self._stand(standing, order.command, by=order.by, reason=order.reason)

    async def _stand(self, standing: Standing, kind: str, *, by: str = BY_ITSELF, reason: str = "") -> None:
        change = StandingChange(
            cohort_id=self._cohort_id,
            standing=standing,
            kind=kind,
            by=by,
            reason=reason or standing.because,
            at=workflow.now(),
        )
        await workflow.execute_local_activity_method(RolloutActivities.record, change, **SHORT)
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
        return self._is_history_long() or (self._watching is not None and self._watching.done())

    def _is_history_long(self) -> bool:
        info = workflow.info()
        return info.is_continue_as_new_suggested() or info.get_current_history_length() > LONGEST_HISTORY

    async def _take_back(self) -> None:
        if self._standing.stage in (Stage.ABORTED, Stage.ROLLED_BACK):
            arguments = [self._cohort_id, self._standing.stage, self._standing.wave]
            await workflow.execute_activity_method(RolloutActivities.take_back, args=arguments, **LONG)

    async def _continue(self) -> None:
        async with self._one_at_a_time:
            if self._watching:
                self._watching.cancel()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            RolloutInput(
                cohort_id=self._cohort_id,
                cohort=self._cohort,
                standing=self._standing,
                is_enrolled=self._is_enrolled,
                place=self._place,
                has_held_journeys=self._has_held_journeys,
            )
        )
