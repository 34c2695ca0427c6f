"""Tells Temporal what it need not retry."""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from domain.errors import Refused


@contextmanager
def beyond_retrying() -> Iterator[None]:
    """Raise every Refused as a failure without retries: an account that does not exist is refused each time."""
    try:
        yield
    except Refused as refusal:
        name = type(refusal).__name__
        raise ApplicationError(str(refusal), type=name, non_retryable=True) from refusal
