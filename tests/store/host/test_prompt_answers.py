"""Each answer to a prompt is taken once, and forgotten when nobody can answer the prompt any more."""

from datetime import timedelta

from domain.prompts import ANSWERABLE_FOR, PromptAnswer
from store import Database, housekeeping
from store.host import prompt_answers
from tests.clocks import START


def test_an_answer_is_taken_once_and_another_answer_to_the_same_prompt_is_another(database: Database) -> None:
    taken = []
    for answer in (PromptAnswer.SEEN, PromptAnswer.SKIPPED, PromptAnswer.SEEN, PromptAnswer.SKIPPED):
        with database.transaction() as session:
            taken.append(prompt_answers.claim(session, "prompt", answer, asked_at=START))
    assert taken == [True, True, False, False]


def test_answers_are_kept_for_longer_than_their_prompt_can_be_answered(database: Database) -> None:
    with database.transaction() as session:
        prompt_answers.claim(session, "prompt", PromptAnswer.SEEN, asked_at=START)
        assert housekeeping.clear(session, now=START + ANSWERABLE_FOR + timedelta(hours=1)) == 0
        assert not prompt_answers.claim(session, "prompt", PromptAnswer.SEEN, asked_at=START)
        assert housekeeping.clear(session, now=START + ANSWERABLE_FOR + timedelta(days=1, minutes=1)) == 1
