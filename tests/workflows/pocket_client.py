"""How callers reach workflows in the pocket Temporal: what they use of a client, and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from tests.workflows.pocket_temporal import TASK, PocketTemporal, Run, current_run
from workflows.migration import MigrationWorkflow
from workflows.rollout import RolloutWorkflow

WORKFLOWS: dict[str, Any] = {workflow.__name__: workflow for workflow in (MigrationWorkflow, RolloutWorkflow)}


@dataclass(frozen=True)
class PocketClient:
    """What callers of workflows find in the place of a client, and of what it connects to."""

    temporal: PocketTemporal

    @property
    def service_client(self) -> "PocketClient":
        return self

    async def check_health(self, **_: Any) -> bool:
        return True

    async def start_workflow(self, method: Any, start: Any, *, id: str, **_: Any) -> None:  # noqa: A002
        run = self.temporal.runs.get(id)
        if run and run.is_open:
            raise WorkflowAlreadyStartedError(id, "")
        name = method.__qualname__.split(".")[0]
        self.temporal.start(Run(id, start, WORKFLOWS[name]))

    def get_workflow_handle(self, workflow_id: str) -> "PocketHandle":
        return PocketHandle(self.temporal, workflow_id)

    def get_workflow_handle_for(self, _method: Any, workflow_id: str) -> "PocketHandle":
        return PocketHandle(self.temporal, workflow_id)


@dataclass(frozen=True)
class PocketHandle:
    """One workflow, as its callers see it."""

    temporal: PocketTemporal
    workflow_id: str

    async def signal(self, method: Any, argument: Any) -> None:
        self._in_run(lambda run: getattr(run.instance, method.__name__)(argument))

    async def query(self, method: Any) -> Any:
        return self._in_run(lambda run: getattr(run.instance, method.__name__)())

    async def execute_update(self, method: Any, argument: Any) -> Any:
        """Have an update validated and carried out. Raises WorkflowUpdateFailedError, RPCError."""
        update = self._in_run(lambda run: asyncio.create_task(self._update(run, method, argument)))
        await asyncio.wait([update])
        if update.cancelled():
            raise RPCError("workflow execution already completed", RPCStatusCode.NOT_FOUND, b"")
        return update.result()

    async def terminate(self, _reason: str = "") -> None:
        """End a workflow in the middle of whatever it does."""
        run = self._open_run()
        assert run.task
        run.is_terminated = True
        run.task.cancel()

    async def _update(self, run: Run, method: Any, argument: Any) -> Any:
        validator = method._defn.validator
        run.handlers += 1
        try:
            if validator:
                validator(run.instance, argument)
            answer: Awaitable[Any] = getattr(run.instance, method.__name__)(argument)
            return await answer
        except ApplicationError as refusal:
            raise WorkflowUpdateFailedError(refusal) from refusal
        except Exception as refusal:
            raise WorkflowUpdateFailedError(ApplicationError(str(refusal))) from refusal
        finally:
            run.handlers -= 1

    def _in_run(self, work: Callable[[Run], Any]) -> Any:
        run = self._open_run()
        run.events += TASK

        def in_run() -> Any:
            current_run.set(run)
            return work(run)

        return Context().run(in_run)

    def _open_run(self) -> Run:
        run = self.temporal.runs.get(self.workflow_id)
        if run is None or not run.is_open:
            raise RPCError("workflow not found", RPCStatusCode.NOT_FOUND, b"")
        return run
