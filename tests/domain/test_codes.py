"""Codes are random enough, forgiving to type, and never kept as they are."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import codes


def test_a_code_has_six_digits_and_they_vary() -> None:
    made = [codes.new_code() for _ in range(500)]
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in made)
    assert len(set(made)) > 450
    assert {code[0] for code in made} == set("0123456789")


def test_recovery_codes_carry_64_bits_or_more() -> None:
    letters = {letter for _ in range(500) for letter in codes.plain_recovery_code(codes.new_recovery_code())}
    length = len(codes.plain_recovery_code(codes.new_recovery_code()))
    assert length * math.log2(len(letters)) >= 64


def test_recovery_codes_hold_nothing_that_is_mistaken_for_something_else() -> None:
    for _ in range(200):
        assert re.fullmatch(r"[2-9a-hjkmnp-z]{4}(-[2-9a-hjkmnp-z]{4}){3}", codes.new_recovery_code())


def test_recovery_codes_do_not_repeat() -> None:
    assert len({codes.new_recovery_code() for _ in range(2000)}) == 2000


@given(st.lists(st.sampled_from(["-", " ", "\t", "–", " "]), min_size=3, max_size=3), st.booleans())
def test_dashes_blanks_and_capitals_do_not_matter(between: list[str], shouted: bool) -> None:
    parts = codes.new_recovery_code().split("-")
    typed = parts[0] + "".join(gap + part for gap, part in zip(between, parts[1:], strict=True))
    assert codes.plain_recovery_code(typed.upper() if shouted else typed) == "".join(parts)


@given(st.text())
def test_whatever_is_typed_a_plain_code_is_plain(typed: str) -> None:
    assert re.fullmatch(r"[2-9a-hjkmnp-z]*", codes.plain_recovery_code(typed))
    assert re.fullmatch(r"[0-9]*", codes.plain_code(typed))
    assert codes.plain_code(codes.plain_code(typed)) == codes.plain_code(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "١٢٣٤٥٦",  # Arabic-Indic
        "۱۲۳۴۵۶",  # Persian
        "१२३४५६",  # Devanagari
        "１２３４５６",  # full width, as Japanese keyboards write
        "１２３　４５６",
        "123\N{NO-BREAK SPACE}456",
        "123\N{NARROW NO-BREAK SPACE}456",
        "123\N{NON-BREAKING HYPHEN}456",
        "\N{LEFT-TO-RIGHT MARK}123–456\N{ZERO WIDTH SPACE}",
    ],
)
def test_the_digits_of_any_keyboard_are_the_same_code(typed: str) -> None:
    assert codes.plain_code(typed) == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        "ＡＢ２３－ＣＤ４５",  # full width
        "ab٢٣ cd۴۵",
        "ab23\N{NON-BREAKING HYPHEN}cd45\N{NO-BREAK SPACE}",
        "АВ23-сd45",  # three letters of a Cyrillic keyboard
        "αβ23-cd45",
    ],
)
def test_letters_that_look_alike_are_the_same_recovery_code(typed: str) -> None:
    assert codes.plain_recovery_code(typed) == "ab23cd45"


@pytest.mark.parametrize("typed", ["123456", "123 456", " 123-456\n", "Your code: 123456."])
def test_a_pasted_code_is_found_among_what_surrounds_it(typed: str) -> None:
    assert codes.plain_code(typed) == "123456"


def test_a_token_carries_256_bits_and_is_safe_in_a_url() -> None:
    token = codes.new_token()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert token != codes.new_token()


def test_a_digest_does_not_give_the_secret_away_and_is_stable() -> None:
    assert codes.digest("a token") == codes.digest("a token")
    assert "a token" not in codes.digest("a token")
    assert codes.digest("a token") != codes.digest("another token")


def test_a_keyed_digest_depends_on_the_pepper_the_context_and_the_code() -> None:
    digests = {
        codes.keyed_digest(pepper, context=context, code=code)
        for pepper in (b"one", b"two")
        for context in ("a", "b")
        for code in ("111111", "222222")
    }
    assert len(digests) == 8


def test_where_the_context_ends_and_the_code_begins_is_unmistakable() -> None:
    left = codes.keyed_digest(b"pepper", context="account-1", code="23456")
    right = codes.keyed_digest(b"pepper", context="account-12", code="3456")
    assert not codes.same(left, right)


def test_equal_secrets_are_the_same() -> None:
    assert codes.same("abc", "abc")
    assert not codes.same("abc", "abd")


def test_twelve_letters_of_a_code_are_never_asked_for() -> None:
    letters = set("".join(codes.plain_recovery_code(codes.new_recovery_code()) for _ in range(200)))
    stay = len(codes.plain_recovery_code(codes.new_recovery_code())) - codes.ENDING
    assert stay * math.log2(len(letters)) >= 40


@pytest.mark.parametrize("before", ["3. ", "3.", " 12) ", "2)"])
def test_the_number_before_a_code_is_no_part_of_it(before: str) -> None:
    assert codes.plain_recovery_code(f"{before}23ab-cdef-ghjk-mnpq") == "23abcdefghjkmnpq"


def test_every_code_of_a_set_may_be_the_one_that_is_asked_for() -> None:
    assert {codes.new_number_in_set(8) for _ in range(1000)} == set(range(1, 9))
