"""What a host shows is said for every step, in every language of the messages, and without pressure."""

import re

import pytest

from domain.facts import Milestone
from domain.words.prompt_words import PROMPT_LOCALES, prompt_words
from tests.providers.test_wording import FAMILIAR, LOCALES, PRESSURE

every_prompt = pytest.mark.parametrize(
    ("locale", "step"), [(locale, step) for locale in PROMPT_LOCALES for step in Milestone]
)


def test_prompts_speak_the_languages_of_the_messages() -> None:
    assert PROMPT_LOCALES == LOCALES


@every_prompt
def test_every_prompt_says_all_its_parts_and_names_the_service(locale: str, step: Milestone) -> None:
    words = prompt_words(step, locale, service_name="The {Bakery}")
    assert all(part and "{service" not in part for part in vars(words).values())
    plain = vars(prompt_words(step, locale, service_name=""))
    assert all(len(text) < 300 for text in plain.values())


@every_prompt
def test_no_prompt_presses(locale: str, step: Milestone) -> None:
    said = " ".join(vars(prompt_words(step, locale, service_name="Example")).values()).lower()
    assert not [phrase for phrase in PRESSURE[locale] if re.search(rf"\b{re.escape(phrase)}\b", said)]
    assert locale != "de" or not FAMILIAR.search(said)


@pytest.mark.parametrize("step", Milestone)
def test_languages_differ_in_every_word_that_is_shown(step: Milestone) -> None:
    english, german = (vars(prompt_words(step, locale, service_name="")) for locale in ("en", "de"))
    assert all(english[name] != german[name] for name in english)
