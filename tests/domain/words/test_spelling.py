"""Codes are spelled in words that nobody on a telephone takes for each other."""

import pytest

from domain.codes import new_recovery_code
from domain.words.spelling import spelled


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("k7mp-2yza", ["Kilo 7 Mike Papa", "2 Yankee Zulu Alfa"]),
        ("XJQW", ["X-ray Juliett Quebec Whiskey"]),
        ("", [""]),
    ],
)
def test_each_letter_is_a_word_and_each_digit_itself(code: str, words: list[str]) -> None:
    assert spelled(code) == words


def test_nothing_of_a_code_stays_a_letter() -> None:
    for group in [group for _ in range(50) for group in spelled(new_recovery_code())]:
        words = group.split()
        assert len(words) == 4
        assert all(word.isdigit() or (len(word) > 3 and word[0].isupper()) for word in words)
