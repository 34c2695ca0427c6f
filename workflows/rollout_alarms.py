"""Tells operators of failed guardrails: once for each set of failures and each look, not at every assessment."""

from datetime import datetime

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.rollouts import Alarm, Judgement, RolloutActivities
    from domain.rollouts.guardrails import Reaction
    from workflows.releases import WATCHED_TO_THE_END
    from workflows.timeouts import SHORT


class RolloutAlarms:
    """The alarms of one rollout; it remembers the last one."""

    def __init__(self, cohort_id: str) -> None:
        self._cohort_id = cohort_id
        self._last: Alarm | None = None

    async def tell(
        self, judgement: Judgement, reaction: Reaction, *, since: datetime, is_first_look: bool = False
    ) -> None:
        """Tell of the failures, unless they were told since then; `since` is when the rollout came to its standing."""
        alarm = Alarm(
            cohort_id=self._cohort_id,
            failed=judgement.failed,
            reaction=reaction,
            since=since,
            is_first_look=is_first_look,
        )
        if self._was_raised(alarm):
            return
        self._last = alarm
        await workflow.execute_local_activity_method(RolloutActivities.notify, alarm, **SHORT)

    def _was_raised(self, alarm: Alarm) -> bool:
        """Whether it is the last alarm again; an older release took one of another standing for the same."""
        if self._last is None or self._last.reason != alarm.reason:
            return False
        return self._last.since == alarm.since or not workflow.patched(WATCHED_TO_THE_END)
