"""The timeouts and retries that workflows give to their acts."""

from datetime import timedelta
from typing import TypedDict

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.messages.messages import Queue


class Timeouts(TypedDict):
    """How long an act may take, and how it is retried."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class LongTimeouts(Timeouts):
    """The timeouts of walks through many accounts, which send heartbeats."""

    task_queue: str
    heartbeat_timeout: timedelta
    priority: Priority


_RETRY = RetryPolicy(maximum_interval=timedelta(minutes=1))

SHORT: Timeouts = {"start_to_close_timeout": timedelta(minutes=2), "retry_policy": _RETRY}
LONG: LongTimeouts = {
    "task_queue": Queue.BULK,
    "start_to_close_timeout": timedelta(days=30),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": _RETRY,
    "priority": Priority(priority_key=1),  # a rollback never waits behind a campaign of reminders
}

TRY_AGAIN = timedelta(minutes=5)
"""When a workflow tries an act again that changed nothing, if it hears nothing before."""
