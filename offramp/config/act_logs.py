"""Has every act say in the log, and keep with what it leaves behind, for whom and in which journey it acts."""

from typing import Any

import structlog
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.tracing import TRACEPARENT
from offramp.config import tracing
from workflows.running_journeys import account_of


class Acts(Interceptor):
    """Binds the names of an act to its context, for its log and its messages."""

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
    """What the log says of an act: a journey's has that journey's id, and a message's the message's key as its own."""
    names: dict[str, Any] = {"activity": activity_type, "attempt": attempt}
    if workflow_id is None:
        return names | {"key": activity_id}
    account_id = account_of(workflow_id)
    return names | {"workflow_id": workflow_id} | ({"account_id": account_id} if account_id else {})
