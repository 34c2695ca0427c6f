"""Settles messages that nobody settles any more: their sender died, or nobody managed to send them in time."""

import asyncio

from domain.messages.messages import MessageState
from domain.ports import Clock
from store import Database
from store.messages import hand_overs, messages


class Settler:
    """Looks after messages that were left behind, so that each of them comes to a visible end."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def turn(self) -> bool:
        """Settle one batch of each kind; whether there may be more to do at once."""
        return await asyncio.to_thread(self._settle)

    def _settle(self) -> bool:
        with self._database.reading() as session:
            lost = hand_overs.lost_claims(session, now=self._clock())
            overdue = hand_overs.overdue(session, now=self._clock())
        for key in lost:
            with self._database.transaction() as session:
                messages.claim(session, key, now=self._clock())  # which makes it `unknown`
        for message in overdue:
            with self._database.transaction() as session:
                messages.settle(session, message, MessageState.FAILED, at=self._clock(), reason="gave_up")
        return bool(lost or overdue)
