"""Remembers for a few seconds that Temporal was away, so that each request does not wait for it in vain."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio.service import RPCError

from domain.errors import OfframpError
from domain.ports import Clock

ANSWERS_WITHIN = timedelta(seconds=2)
LOOKS_AGAIN_AFTER = timedelta(seconds=3)


class TemporalAway(OfframpError):
    """Temporal did not answer, or did not answer a moment ago."""


class Presence:
    """Makes requests to Temporal, except in the seconds after it did not answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._away_until: datetime | None = None

    @property
    def is_away(self) -> bool:
        """Whether Temporal did not answer a few seconds ago."""
        return self._away_until is not None and self._clock() < self._away_until

    async def ask(self, request: Callable[[], Awaitable[object]]) -> None:
        """Make a request to Temporal and wait two seconds for its answer. Raises TemporalAway."""
        if self.is_away:
            raise TemporalAway("temporal was away a moment ago")
        try:
            await asyncio.wait_for(request(), ANSWERS_WITHIN.total_seconds())
        except (
            RPCError,
            RuntimeError,
            TimeoutError,
        ) as error:  # a lazy client that cannot connect raises RuntimeError
            self._away_until = self._clock() + LOOKS_AGAIN_AFTER
            raise TemporalAway(f"temporal does not answer: {type(error).__name__}") from error
        self._away_until = None
