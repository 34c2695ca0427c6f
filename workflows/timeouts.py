"""The shape in which workflows name how long their acts may take."""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy


class Timeouts(TypedDict):
    """How long an act may take, and how it is retried."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy
