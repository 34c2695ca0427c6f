"""Starts the workflows of recoveries and tells them of changes. The database decides; Temporal waits."""

from temporalio.client import Client

from domain.messages.messages import Queue
from domain.recovery import RecoveryState
from workflows.recovery import RecoveryWorkflow

PREFIX = "recovery:"


def workflow_id(state: RecoveryState) -> str:
    """The id of a request's workflow."""
    return f"{PREFIX}{state.account_id}:{state.number}"


async def tell(client: Client, state: RecoveryState) -> None:
    """Tell the workflow of a request, and start it if it does not run. To tell the same again does no harm.

    Raises RPCError when Temporal is away.
    """
    await client.start_workflow(
        RecoveryWorkflow.run,
        state,
        id=workflow_id(state),
        task_queue=Queue.JOURNEYS,
        start_signal=RecoveryWorkflow.recovery_changed.__name__,
        start_signal_args=[state],
    )
