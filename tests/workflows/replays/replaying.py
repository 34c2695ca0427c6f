"""Replays recorded histories, and compares what Temporal's replayer does not compare: how long each timer runs."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tests.temporal import STRICT_SANDBOX
from workflows.converter import data_converter
from workflows.migration import MigrationWorkflow
from workflows.recovery import RecoveryWorkflow
from workflows.rollout import RolloutWorkflow

HISTORIES = Path(__file__).parent.parent.parent / "histories"

SAME = timedelta(milliseconds=1)
"""Two timers that differ by less are the same."""

Lengths = dict[str, timedelta]
"""How long timers run, by their ids: the number of the timer within its workflow."""


class OtherTimers(Exception):
    """A workflow sets its timers otherwise than it did when its history was recorded."""


async def replay(
    recorded: Path,
    *,
    workflows: Sequence[type] = (MigrationWorkflow, RolloutWorkflow, RecoveryWorkflow),
    runner: SandboxedWorkflowRunner | UnsandboxedWorkflowRunner = STRICT_SANDBOX,
) -> None:
    """Replay one history with these workflows; raises if they do anything else, or at another time."""
    history = WorkflowHistory.from_json(recorded.stem, recorded.read_text())  # noqa: ASYNC240
    watching = _TimerWatch(runner)
    replayer = Replayer(workflows=workflows, data_converter=data_converter, workflow_runner=watching)
    await replayer.replay_workflow(history)
    for timer_id, length in lengths(history).items():
        replayed = watching.lengths.get(timer_id)
        if replayed is None or abs(replayed - length) > SAME:
            raise OtherTimers(f"{recorded.stem}: timer {timer_id} ran {length}, and runs {replayed} now")


def lengths(history: WorkflowHistory) -> Lengths:
    """The timers of a history."""
    timers = [
        event.timer_started_event_attributes
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    ]
    return {timer.timer_id: timer.start_to_fire_timeout.ToTimedelta() for timer in timers}


class _TimerWatch(WorkflowRunner):
    """Runs workflows as another runner does, and notes the timers that they set."""

    def __init__(self, runner: WorkflowRunner) -> None:
        self._runner = runner
        self.lengths: Lengths = {}

    def prepare_workflow(self, defn: object) -> None:
        self._runner.prepare_workflow(defn)  # type: ignore[arg-type]

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self._runner.create_instance(det)
        activate = instance.activate

        def watched(act: WorkflowActivation) -> WorkflowActivationCompletion:
            completion = activate(act)
            self._note(completion)
            return completion

        instance.activate = watched  # type: ignore[method-assign]
        return instance

    def _note(self, completion: WorkflowActivationCompletion) -> None:
        for command in completion.successful.commands:
            if command.HasField("start_timer"):
                length = command.start_timer.start_to_fire_timeout.ToTimedelta()
                self.lengths[str(command.start_timer.seq)] = length
