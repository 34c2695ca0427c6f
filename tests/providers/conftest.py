"""A stand-in for each test."""

from collections.abc import Iterator

import pytest

from tests.providers.standins import StandIn


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """SendGrid and Twilio on loopback."""
    with StandIn() as started:
        yield started
