"""When the history of a workflow that never rests has grown so long that it starts anew."""

from temporalio import workflow

LONGEST_HISTORY = 350
"""Events after which the history starts anew, so that another worker has little to replay."""


def is_history_long() -> bool:
    """Whether the workflow that asks has so many events, or the server suggests to start anew."""
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.get_current_history_length() > LONGEST_HISTORY
