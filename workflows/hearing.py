"""Asks journeys which facts they go by, and tells those that have not heard the newest."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, auto

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from domain.facts import Edition
from store import Database
from workflows import running_journeys
from workflows.migration import MigrationWorkflow

_ANSWERS_WITHIN = timedelta(seconds=10)
_MOST_UNANSWERED = 3


class Mended(Enum):
    """What became of a journey that ought to run."""

    WELL = auto()
    STARTED = auto()
    TOLD = auto()
    AHEAD = auto()
    """It knows more than the database, which must have been restored without having begun another epoch."""


class Hearing:
    """Compares journeys with the database. When a few questions were not answered, no further one is asked."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._database = database
        self._unanswered = 0

    @property
    def is_silent(self) -> bool:
        """Whether no worker answers, so that nothing is known of the journeys."""
        return self._unanswered >= _MOST_UNANSWERED

    async def mend(self, account_id: str) -> Mended:
        """Start a journey that does not run, and tell one that has not heard the newest facts."""
        begin = await asyncio.to_thread(running_journeys.input_of, self._database, account_id)
        if begin is None:
            return Mended.WELL
        if await running_journeys.start_if_absent(self._client, begin):
            return Mended.STARTED
        match await self._compare(account_id, begin.facts.edition):
            case Mended.TOLD:
                await running_journeys.signal(self._client, begin)
                return Mended.TOLD
            case other:
                return other

    async def ahead(self, account_ids: Sequence[str]) -> list[str]:
        """The accounts among these whose journeys know more than the database."""
        leads = await running_journeys.side_by_side(self._is_ahead, account_ids)
        return [account_id for account_id, is_so in zip(account_ids, leads, strict=True) if is_so]

    async def _is_ahead(self, account_id: str) -> bool:
        begin = await asyncio.to_thread(running_journeys.input_of, self._database, account_id)
        return begin is not None and await self._compare(account_id, begin.facts.edition) is Mended.AHEAD

    async def _compare(self, account_id: str, edition: Edition) -> Mended:
        """WELL, or what has to be done. What the database has learnt since it was read is no lead of the journey."""
        heard = await self._heard(account_id)
        if heard is None or heard == edition:
            return Mended.WELL
        if heard < edition:
            return Mended.TOLD
        begin = await asyncio.to_thread(running_journeys.input_of, self._database, account_id)
        return Mended.AHEAD if begin and heard > begin.facts.edition else Mended.WELL

    async def _heard(self, account_id: str) -> Edition | None:
        if self.is_silent:
            return None
        journey = self._client.get_workflow_handle(running_journeys.workflow_id(account_id))
        try:
            return await journey.query(MigrationWorkflow.heard, rpc_timeout=_ANSWERS_WITHIN)
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return None  # its workflow fails, which the doctor says elsewhere
        except RPCError:
            self._unanswered += 1
            return None
