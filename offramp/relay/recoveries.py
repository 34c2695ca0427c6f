"""Tells the workflows of recoveries what has changed, each as one snapshot."""

import asyncio

import structlog
from temporalio.client import Client

from domain.recovery import RecoveryState
from offramp.relay.presence import Presence, TemporalAway
from store import Database
from store.safety import recoveries
from workflows import running_recoveries
from workflows.running_journeys import AT_ONCE

log = structlog.get_logger()

BATCH = 200


class RecoveryTeller:
    """Goes by what each row says it has told. Several relays may tell the same: workflows take the newest."""

    def __init__(self, database: Database, client: Client, presence: Presence) -> None:
        self._database = database
        self._client = client
        self._presence = presence
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def turn(self) -> bool:
        """Tell one batch; returns whether more may wait."""
        if self._presence.is_away:
            return False
        states = await asyncio.to_thread(self._untold)
        outcomes = await asyncio.gather(*(self._tell(state) for state in states))
        return bool(states) and all(outcomes)

    async def _tell(self, state: RecoveryState) -> bool:
        async with self._slots:
            try:
                await self._presence.ask(lambda: running_recoveries.tell(self._client, state))
            except TemporalAway as away:
                log.warning("recovery_waits", account_id=state.account_id, reason=str(away))
                return False
            await asyncio.to_thread(self._mark_told, state)
            return True

    def _untold(self) -> list[RecoveryState]:
        with self._database.reading() as session:
            return recoveries.untold(session, limit=BATCH)

    def _mark_told(self, state: RecoveryState) -> None:
        with self._database.transaction() as session:
            recoveries.mark_told(session, state)
