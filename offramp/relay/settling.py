"""Settles messages that have no sender any more: the sender died, or nobody could send them in time."""

import asyncio

from domain.messages.messages import MessageState
from domain.ports import Clock
from store import Database
from store.messages import hand_overs, messages


class Settler:
    """Settles abandoned messages, so that each message has a visible end."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def turn(self) -> bool:
        """Settle one batch of each kind; returns whether more messages may wait."""
        return await asyncio.to_thread(self._settle)

    def _settle(self) -> bool:
        with self._database.reading() as session:
            lost_keys = hand_overs.lost_claims(session, now=self._clock())
            overdue_messages = hand_overs.overdue(session, now=self._clock())
        for key in lost_keys:
            with self._database.transaction() as session:
                messages.claim(
                    session, key, now=self._clock()
                )  # the claim of a lost message makes it `unknown`
        for message in overdue_messages:
            with self._database.transaction() as session:
                messages.settle(session, message, MessageState.FAILED, at=self._clock(), reason="gave_up")
        return bool(lost_keys or overdue_messages)
