"""What a rollout says to whoever gives it an order that it does not take."""

import pytest

from domain.rollouts.rollout import OVER, Command, Stage
from domain.words.console_words import why_not

LAUNCHING, BAKING, PAUSED, DONE = Stage.LAUNCHING, Stage.BAKING, Stage.PAUSED, Stage.DONE


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("stage", sorted(OVER))
def test_a_rollout_that_is_over_takes_nothing(command: Command, stage: Stage) -> None:
    assert why_not(command, stage) == "The rollout is over."


@pytest.mark.parametrize(
    ("command", "stage", "words"),
    [
        (Command.RESUME, DONE, "It is not paused."),
        (Command.ADVANCE, DONE, "Every wave is launched."),
        (Command.EXTEND, DONE, "Every wave is launched."),
        (Command.PAUSE, PAUSED, "It is paused already."),
        (Command.RESUME, BAKING, "It is not paused."),
        (Command.RESUME, LAUNCHING, "It is not paused."),
        (Command.EXTEND, LAUNCHING, "The wave is still being launched; the watch begins after that."),
        (Command.ADVANCE, LAUNCHING, "The wave is still being launched."),
        (Command.EXTEND, PAUSED, "Resume it first."),
        (Command.ADVANCE, PAUSED, "Resume it first."),
    ],
)
def test_the_words_name_what_is_in_the_way(command: Command, stage: Stage, words: str) -> None:
    assert why_not(command, stage) == words
