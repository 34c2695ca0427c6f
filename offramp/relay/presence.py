"""Remembers for a few seconds that Temporal was away, so that nobody waits for it in vain again and again."""

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
    """Asks Temporal something, if it is there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._away_until: datetime | None = None

    @property
    def is_away(self) -> bool:
        """Whether Temporal did not answer a moment ago."""
        return self._away_until is not None and self._clock() < self._away_until

    async def ask(self, request: Callable[[], Awaitable[object]]) -> None:
        """Make a request to Temporal and await it for a moment; raises TemporalAway."""
        if self.is_away:
            raise TemporalAway("temporal was away a moment ago")
        try:
            await asyncio.wait_for(request(), ANSWERS_WITHIN.total_seconds())
        except (
            RPCError,
            RuntimeError,
            TimeoutError,
        ) as error:  # a lazy client that cannot connect: RuntimeError
            self._away_until = self._clock() + LOOKS_AGAIN_AFTER
            raise TemporalAway(f"temporal does not answer: {type(error).__name__}") from error
        self._away_until = None
