"""Asks Temporal every minute which journeys fail, and keeps the answer in the database for the pages."""

import asyncio
from datetime import timedelta

import structlog
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client
from temporalio.client import WorkflowExecution as Listed
from temporalio.service import RPCError

from domain.ports import Clock
from store import Database
from store.engine.absences import DatabaseAway
from store.journeys import troubles
from store.journeys.troubles import Trouble
from workflows.migration import MigrationWorkflow
from workflows.running_journeys import account_of

log = structlog.get_logger()

LOOK_EVERY = timedelta(minutes=1)
MOST_LOOKED_AT = 200
"""How many failing journeys one look reads. If more fail, they share one reason, and these journeys show it."""

_RECENT_EVENTS = 10
_FAILING = (
    'TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut") '
    f'AND WorkflowType = "{MigrationWorkflow.__name__}" AND ExecutionStatus = "Running"'
)
"""The query for marked journeys.

Temporal marks a workflow whose task has failed a few times in a row, and removes the mark when a task succeeds.
"""


class TroubleReader:
    """Looks for failing journeys while it runs."""

    def __init__(self, database: Database, client: Client, *, clock: Clock) -> None:
        self._database = database
        self._client = client
        self._clock = clock

    async def run(self) -> None:
        """Look every minute, until cancelled. An error is logged, and the next look follows."""
        while True:
            try:
                await self.look()
            except RPCError as error:
                log.warning("troubles_not_read", reason=str(error))
            except DatabaseAway:
                pass  # the log has it already
            except Exception:
                log.exception("troubles_not_read")
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def look(self) -> int:
        """Note the journeys that fail now, and forget the others; returns how many belong to accounts here."""
        failing_journeys = [
            Trouble(account_id=account_id, run_id=listed.run_id, error=await self._error(listed))
            async for listed in self._client.list_workflows(_FAILING, limit=MOST_LOOKED_AT)
            if (account_id := account_of(listed.id))
        ]
        return await asyncio.to_thread(self._keep, failing_journeys)

    def _keep(self, failing_journeys: list[Trouble]) -> int:
        now = self._clock()
        with self._database.transaction() as session:
            failing = troubles.note(session, failing_journeys, at=now)
            troubles.forget_unseen(session, since=now)
        return failing

    async def _error(self, listed: Listed) -> str:
        """Temporal's own words on why a journey's task failed. A history keeps the first of failures in a row."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=listed.id, run_id=listed.run_id),
            maximum_page_size=_RECENT_EVENTS,
        )
        page = await self._client.workflow_service.get_workflow_execution_history_reverse(request)
        for event in page.history.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                return _words(event.workflow_task_failed_event_attributes.failure)
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                return "its worker did not answer in time"
        return "no reason is on record"


def _words(failure: Failure) -> str:
    kind = failure.application_failure_info.type
    return f"{kind}: {failure.message}" if kind else failure.message or "no reason is on record"
