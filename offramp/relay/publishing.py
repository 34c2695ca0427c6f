"""Carries journal entries to the journeys they concern, as one snapshot of facts per account."""

import asyncio

import structlog
from temporalio.client import Client

from domain.ports import Clock
from offramp.config import tracing
from offramp.relay.presence import Presence, TemporalAway
from store import Database
from store.people import accounts, journal
from workflows.running_journeys import AT_ONCE, input_of, tell, workflow_id

log = structlog.get_logger()

BATCH = 500


class Publisher:
    """Tells journeys the new facts of their accounts. To tell the same facts again does no harm."""

    def __init__(self, database: Database, client: Client, presence: Presence, *, clock: Clock) -> None:
        self._database = database
        self._client = client
        self._presence = presence
        self._clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def turn(self) -> bool:
        """Publish one batch; returns whether more entries may wait."""
        if self._presence.is_away:
            return False
        account_ids = await asyncio.to_thread(self._claim)
        outcomes = await asyncio.gather(*(self._publish(account_id) for account_id in account_ids))
        return any(outcomes)

    async def _publish(self, account_id: str) -> bool:
        structlog.contextvars.bind_contextvars(account_id=account_id, workflow_id=workflow_id(account_id))
        async with self._slots:
            version = await asyncio.to_thread(self._version, account_id)
            start = await asyncio.to_thread(input_of, self._database, account_id)
            if start is None:
                log.info("facts_late", account_id=account_id, version=version)
            else:
                version = start.facts.version
                try:
                    with tracing.continued(await asyncio.to_thread(self._traceparent, account_id), "publish"):
                        await self._presence.ask(lambda: tell(self._client, start))
                except TemporalAway as away:
                    log.warning("facts_wait", account_id=account_id, reason=str(away))
                    await asyncio.to_thread(self._release, account_id)
                    return False
            await asyncio.to_thread(self._mark_published, account_id, version)
            return True

    def _claim(self) -> list[str]:
        with self._database.reading() as session:
            if journal.oldest_unpublished(session) is None:
                return []
        with self._database.transaction() as session:
            return journal.claim_unpublished(session, now=self._clock(), limit=BATCH)

    def _version(self, account_id: str) -> int:
        with self._database.reading() as session:
            return accounts.get(session, account_id).facts_version

    def _traceparent(self, account_id: str) -> str | None:
        if not tracing.is_on():
            return None
        with self._database.reading() as session:
            return journal.traceparent(session, account_id)

    def _mark_published(self, account_id: str, version: int) -> None:
        with self._database.transaction() as session:
            journal.mark_published(session, account_id, up_to_version=version, at=self._clock())

    def _release(self, account_id: str) -> None:
        with self._database.transaction() as session:
            journal.release_claim(session, account_id)
