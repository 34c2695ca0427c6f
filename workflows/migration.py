"""The journey of one account, from text-message codes to passkeys, however long its owner needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.journeys import JourneyActivities
    from activities.sim_checks import SimActivities
    from activities.steps import Step
    from domain.facts import Edition, Facts, SmsState
    from domain.journey import JourneyAct, JourneyOutcome, Plan, due, plan
    from domain.policy import Policy
    from workflows.timeouts import Timeouts


# Each act is one short transaction, retried for as long as the database needs; the journey has weeks.
SHORT: Timeouts = {
    "start_to_close_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(maximum_interval=timedelta(minutes=1)),
}

# An act that changed nothing was refused. The journey tries again when new facts arrive, and otherwise after this time.
# A notice that goes out late brings no new facts: where its days are seconds, the next try comes after as many.
AFTER_REFUSAL = timedelta(hours=1)

ACTIVITIES: dict[JourneyAct, Callable[[Any, Step], Facts]] = {
    JourneyAct.NUDGE: JourneyActivities.nudge,
    JourneyAct.REPORT_STUCK: JourneyActivities.report_stuck,
    JourneyAct.GIVE_NOTICE: JourneyActivities.give_notice,
    JourneyAct.SUSPEND_SMS: JourneyActivities.suspend_sms,
    JourneyAct.RESTORE_SMS: JourneyActivities.restore_sms,
    JourneyAct.REMOVE_SMS: JourneyActivities.remove_sms,
    JourneyAct.CHECK_SIM: SimActivities.check_sim,
    JourneyAct.ASK_HOST: JourneyActivities.ask_host,
    JourneyAct.ASK_FOR_RESTORE: JourneyActivities.ask_for_restore,
    JourneyAct.TELL_END: JourneyActivities.tell_end,
}


@dataclass(frozen=True, kw_only=True)
class MigrationInput:
    """Whose journey it is, by which rules, and what was true when it began."""

    account_id: str
    policy: Policy
    facts: Facts


@workflow.defn
class MigrationWorkflow:
    """Takes one account from SMS codes to passkeys: makes a plan, waits for its moment, and does its act."""

    @workflow.init
    def __init__(self, start: MigrationInput) -> None:
        self._account_id = start.account_id
        self._policy = start.policy
        self._facts = start.facts
        self._policy_changes = start.facts.policy_changes
        self._policy_epoch = start.facts.epoch

    @workflow.run
    async def run(self, start: MigrationInput) -> JourneyOutcome:
        while self._facts.sms is not SmsState.REMOVED:
            if workflow.info().is_continue_as_new_suggested() and not self._is_restored():
                workflow.continue_as_new(self._as_it_stands())
            if self._facts.deleted_at:
                return JourneyOutcome.DELETED
            await self._heed_policy_changes()
            next_plan = self._plan()
            moment = due(self._account_id, next_plan, self._facts, self._policy, workflow.now())
            if not await self._facts_changed_before(moment):
                await self._do(next_plan)
        return JourneyOutcome.MIGRATED

    @workflow.signal
    def facts_changed(self, facts: Facts) -> None:
        if facts.supersedes(self._facts):
            self._facts = facts

    @workflow.query
    def heard(self) -> Edition:
        """Which facts it goes by."""
        return self._facts.edition

    async def _heed_policy_changes(self) -> None:
        """Read the policy again if the cohort's operators have changed it since, or the database was restored."""
        if self._facts.policy_changes > self._policy_changes or self._is_restored():
            self._policy_changes = self._facts.policy_changes
            self._policy_epoch = self._facts.epoch
            self._policy = await workflow.execute_local_activity_method(
                JourneyActivities.read_policy, self._account_id, **SHORT
            )

    def _is_restored(self) -> bool:
        """Whether the facts are of an epoch of the database in which the policy has not been read yet."""
        return self._facts.epoch != self._policy_epoch

    def _plan(self) -> Plan:
        """What to do next. Only a plan by newer rules marks the history, so most histories stay short.

        A journey whose history went by the earlier rules goes on by them; the store refuses what is too early.
        """
        next_plan = plan(self._account_id, self._facts, self._policy)
        by_policy = plan(self._account_id, self._facts.untold, self._policy)
        if next_plan != by_policy and not workflow.patched("told-dates"):
            next_plan = by_policy
        by_earlier_rules = plan(self._account_id, self._facts.untold, self._policy, trust_first=False)
        if next_plan == by_earlier_rules or workflow.patched("trust-first"):
            return next_plan
        return by_earlier_rules

    async def _facts_changed_before(self, moment: datetime | None) -> bool:
        """Wait until a moment, or for ever; True as soon as newer facts have arrived, which make another plan."""
        planned_by = self._facts
        if moment and moment <= workflow.now():
            return False
        try:
            await workflow.wait_condition(
                lambda: self._facts.supersedes(planned_by),
                timeout=moment - workflow.now() if moment else None,
            )
        except TimeoutError:
            return False
        return True

    async def _do(self, next_plan: Plan) -> None:
        planned_by = self._facts
        step = Step(account_id=self._account_id, at=workflow.now(), epoch=planned_by.epoch)
        if next_plan.nudge:
            step = Step(
                account_id=self._account_id,
                at=workflow.now(),
                milestone=next_plan.nudge.milestone,
                ordinal=next_plan.nudge.ordinal,
                channel=next_plan.nudge.channel,
                epoch=planned_by.epoch,
            )
        if next_plan.act:
            act = ACTIVITIES[next_plan.act]
            self.facts_changed(await workflow.execute_local_activity_method(act, step, **SHORT))
        if self._facts is planned_by:
            await self._facts_changed_before(workflow.now() + min(AFTER_REFUSAL, self._policy.notice))

    def _as_it_stands(self) -> MigrationInput:
        return MigrationInput(account_id=self._account_id, policy=self._policy, facts=self._facts)
