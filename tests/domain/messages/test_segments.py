"""Segments of text messages, as providers count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.messages.segments import Encoding, segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", Encoding.GSM_7, 0, 1),
        ("a" * 160, Encoding.GSM_7, 160, 1),
        ("a" * 161, Encoding.GSM_7, 161, 2),
        ("a" * 306, Encoding.GSM_7, 306, 2),
        ("a" * 307, Encoding.GSM_7, 307, 3),
        ("Grüße für Ämter", Encoding.GSM_7, 15, 1),
        ("€" * 80, Encoding.GSM_7, 160, 1),
        ("€" * 81, Encoding.GSM_7, 162, 2),
        ("ж" * 70, Encoding.UCS_2, 70, 1),
        ("ж" * 71, Encoding.UCS_2, 71, 2),
        ("ж" * 134, Encoding.UCS_2, 134, 2),
        ("ж" * 135, Encoding.UCS_2, 135, 3),
        ("🙂" * 35, Encoding.UCS_2, 70, 1),
        ("a" * 100 + "„", Encoding.UCS_2, 101, 2),
    ],
)
def test_texts_are_counted(text: str, encoding: Encoding, units: int, count: int) -> None:
    measure = segments(text)
    assert (measure.encoding, measure.units, measure.count) == (encoding, units, count)


def test_a_character_of_two_units_is_not_cut_in_two() -> None:
    fits = segments("a" * 152 + "bb" + "a" * 152)
    assert (fits.units, fits.count) == (306, 2)
    moved = segments("a" * 152 + "€" + "a" * 152)
    assert (moved.units, moved.count) == (306, 3)


def test_the_alphabet_has_its_size() -> None:
    basic = sum(1 for code in range(0x3000) if segments(chr(code)) == segments("a"))
    extended = sum(1 for code in range(0x3000) if segments(chr(code)) == segments("€"))
    assert (basic, extended) == (127, 10)  # one of 128 places is the escape to the other table


@given(st.text(max_size=400), st.text(max_size=40))
def test_more_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count
