"""Tells Temporal what it need not retry."""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from domain.errors import Refused


@contextmanager
def beyond_retrying() -> Iterator[None]:
    """What is refused here, such as an account that does not exist, is refused the next time too."""
    try:
        yield
    except Refused as refusal:
        name = type(refusal).__name__
        raise ApplicationError(str(refusal), type=name, non_retryable=True) from refusal
