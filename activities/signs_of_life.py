"""Signs of life of activities that people wait for: Temporal gives a task that was lost on its way again soon."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

EVERY = timedelta(seconds=1)
LONGEST_SILENCE = timedelta(seconds=5)
"""After this time without a sign of life, Temporal gives the task again.

A claim in the database, not this time, says whether the first one is still being done: a slow provider is no reason to
send twice, nor to think that a message is lost.
"""


class SignsOfLife(Interceptor):
    """Sends a heartbeat for each activity of a worker, for as long as the activity runs.

    Only for activities that end by themselves: one that hangs would never be given to somebody else.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Wrap one activity."""
        return _LivingActivity(next)


class _LivingActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        async with _signs():
            return await super().execute_activity(input)


@contextlib.asynccontextmanager
async def _signs() -> AsyncIterator[None]:
    giving = asyncio.create_task(_give_signs())
    try:
        yield
    finally:
        giving.cancel()


async def _give_signs() -> None:
    while True:
        await asyncio.sleep(EVERY.total_seconds())
        # That of an activity in a thread waits for this loop, so it has to be called from another thread.
        await asyncio.to_thread(activity.heartbeat)
