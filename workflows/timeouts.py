"""The timeouts and retries that workflows give to their acts."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class Timeouts(TypedDict):
    """How long an act may take, and how it is retried."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy
