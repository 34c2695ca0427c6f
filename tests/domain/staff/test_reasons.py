"""Reasons are short, there, and free of anybody's number or address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.staff.reasons import LONGEST, BadReason, clean_reason


def test_a_reason_is_kept_on_one_line() -> None:
    assert clean_reason("  lost her\n phone,\twrote in ") == "lost her phone, wrote in"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0"])
def test_saying_nothing_is_no_reason(text: str) -> None:
    with pytest.raises(BadReason, match="why"):
        clean_reason(text)


def test_a_reason_is_a_few_words() -> None:
    assert clean_reason("x" * LONGEST) == "x" * LONGEST
    with pytest.raises(BadReason, match=str(LONGEST)):
        clean_reason("x" * (LONGEST + 1))


@pytest.mark.parametrize(
    "text",
    [
        "call +49 151 23456789",
        "call 0151 2345678",
        "call (030) 123-4567",
        "call 555.123.4567 back",
        "since 2026-03-01 at 0151 2345678",
        "call 2026-45-6789",
        "is 4915123456789",
        "+4915123456789",
        "writes from ada@example.org",
        "is a.b+c@mail.example.co.uk, she says",
    ],
)
def test_a_number_or_an_address_is_not_kept(text: str) -> None:
    with pytest.raises(BadReason, match="must not be kept"):
        clean_reason(text)


@pytest.mark.parametrize(
    "text",
    [
        "ticket 123456789",
        "ZD-48151623",
        "since 2026-03-01",
        "from 1.3.2026 to 14.03.2026",
        "on 03/01/2026",
        "3 of 12 tries in 2026",
        "meet @ noon",
        "error 500, twice",
    ],
)
def test_tickets_days_and_counts_are_kept(text: str) -> None:
    assert clean_reason(text) == text


@given(st.text(max_size=300))
def test_what_is_kept_stays_as_it_is(text: str) -> None:
    try:
        kept = clean_reason(text)
    except BadReason:
        return
    assert clean_reason(kept) == kept
    assert len(kept) <= LONGEST
