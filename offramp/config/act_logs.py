"""Adds account and journey to the log lines of an activity, and its trace to the rows that it writes."""

from typing import Any

import structlog
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.tracing import TRACEPARENT
from offramp.config import tracing
from workflows.running_journeys import account_of


class Acts(Interceptor):
    """Binds the names and the trace of an activity to its context."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap one activity."""
        return _Act(next)


class _Act(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        names = names_of(
            info.activity_type,
            attempt=info.attempt,
            activity_id=info.activity_id,
            workflow_id=info.workflow_id,
        )
        token = TRACEPARENT.set(tracing.current())
        try:
            with structlog.contextvars.bound_contextvars(**names):
                return await super().execute_activity(input)
        finally:
            TRACEPARENT.reset(token)


def names_of(
    activity_type: str, *, attempt: int, activity_id: str, workflow_id: str | None
) -> dict[str, Any]:
    """What the log says of an activity.

    An activity of a workflow has the workflow's id, and the account's id if the workflow is a journey. A standalone
    activity sends a message, and its id is the message's key.
    """
    names: dict[str, Any] = {"activity": activity_type, "attempt": attempt}
    if workflow_id is None:
        return names | {"key": activity_id}
    account_id = account_of(workflow_id)
    return names | {"workflow_id": workflow_id} | ({"account_id": account_id} if account_id else {})
