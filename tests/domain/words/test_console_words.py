"""What a rollout says to whoever gives it an order that it does not take."""

import pytest

from domain.rollouts.guardrails import Metric, Reaction, Verdict
from domain.rollouts.rollout import OVER, Command, Stage
from domain.words.console_words import CURVES, METRICS, ORDERS, REACTIONS, STAGES, STEPS, VERDICTS, why_not

LAUNCHING, BAKING, PAUSED, DONE = Stage.LAUNCHING, Stage.BAKING, Stage.PAUSED, Stage.DONE


def letters(words: str) -> str:
    return "".join(letter for letter in words.lower() if letter.isalpha())


@pytest.mark.parametrize("captions", [STAGES, VERDICTS, REACTIONS, METRICS, ORDERS])
def test_a_caption_is_its_key_as_people_write_it(captions: dict[str, str]) -> None:
    assert {key: letters(caption) for key, caption in captions.items()} == {
        key: letters(key) for key in captions
    }


def test_every_stage_verdict_reaction_and_metric_has_its_caption() -> None:
    assert [set(captions) for captions in (STAGES, VERDICTS, REACTIONS, METRICS)] == [
        set(Stage),
        set(Verdict),
        set(Reaction),
        set(Metric),
    ]


def test_a_step_is_called_by_its_key_in_tables_and_curves() -> None:
    for key, caption in (*STEPS.items(), *CURVES.items()):
        assert letters(key) in letters(caption)


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
        (Command.EXTEND, LAUNCHING, "The wave is still being launched; the bake begins after that."),
        (Command.ADVANCE, LAUNCHING, "The wave is still being launched."),
        (Command.EXTEND, PAUSED, "Resume it first."),
        (Command.ADVANCE, PAUSED, "Resume it first."),
    ],
)
def test_the_words_name_what_is_in_the_way(command: Command, stage: Stage, words: str) -> None:
    assert why_not(command, stage) == words
