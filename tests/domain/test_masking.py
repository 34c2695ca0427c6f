"""Masks show what tells one contact from another, and nothing of the middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.masking import (
    account_hint,
    email_hint,
    masked_email,
    masked_phone,
    phone_hint,
    without_contacts,
)

LETTERS = st.characters(codec="utf-8", exclude_characters="@.•", exclude_categories=["C", "Z"])
TOPS = st.sampled_from(["org", "co.uk", "example"])
NUMBERS = st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("phone", "mask"),
    [
        ("+4915112345678", "+49•••••678"),
        ("+12025550104", "+12•••••104"),
        ("+2901234", "•••••234"),
        ("+290123", "•••••23"),
        ("+29012", "•••••2"),
        ("+2901", "•••"),
        ("", "•••"),
        (None, None),
    ],
)
def test_a_phone_number_keeps_its_beginning_and_its_end(phone: str | None, mask: str | None) -> None:
    assert masked_phone(phone) == mask


@pytest.mark.parametrize(
    ("email", "mask"),
    [
        ("ada@example.org", "a•••@e•••.org"),
        ("ada@mail.example.co.uk", "a•••@m•••.uk"),
        ("al@ab.example", "a•••@a•••.example"),
        ("x@y.example", "x•••@y•••.example"),
        ("ada@localhost", "a•••@l•••"),
        ("nonsense", "•••@n•••"),
        (None, None),
    ],
)
def test_an_address_keeps_its_first_letters_and_its_end(email: str | None, mask: str | None) -> None:
    assert masked_email(email) == mask


@given(NUMBERS)
def test_four_digits_of_every_number_are_hidden(phone: str) -> None:
    beginning, end = (masked_phone(phone) or "").split("•••••")
    assert phone.startswith(beginning)
    assert phone.endswith(end)
    assert len(beginning) + len(end) <= len(phone) - 4


@given(NUMBERS, NUMBERS)
def test_the_length_of_a_number_is_hidden_as_well(number: str, other: str) -> None:
    if len(number) >= 10 and (number[:3], number[-3:]) == (other[:3], other[-3:]) and len(other) >= 10:
        assert masked_phone(number) == masked_phone(other)


@given(NUMBERS)
def test_a_short_number_shows_no_more_of_its_end_than_a_long_number(phone: str) -> None:
    assert len((masked_phone(phone) or "").rpartition("•")[2]) <= 3


@given(
    st.from_regex(r"\+[1-9][0-9]{6,7}", fullmatch=True), st.from_regex(r"\+[1-9][0-9]{6,7}", fullmatch=True)
)
def test_short_numbers_are_told_apart_by_their_ends(phone: str, other: str) -> None:
    assert (masked_phone(phone) == masked_phone(other)) is (phone[-3:] == other[-3:])


@given(st.text(LETTERS, min_size=1), st.text(LETTERS, min_size=1), TOPS)
def test_an_address_gives_away_its_first_letters_alone(local: str, name: str, top: str) -> None:
    mask = masked_email(f"{local}@{name}.{top}") or ""
    assert mask == f"{local[0]}•••@{name[0]}•••.{top.rpartition('.')[2]}"


@given(
    st.text(LETTERS, min_size=1, max_size=2),
    st.text(LETTERS, min_size=1, max_size=2),
    st.text(LETTERS),
    TOPS,
)
def test_a_short_address_looks_like_a_long_address(local: str, name: str, more: str, top: str) -> None:
    """So nobody learns that what is shown is all there is, and its first letters tell it from others."""
    longer = f"{local}{more}@{name}{more}.{top}"
    assert masked_email(f"{local}@{name}.{top}") == masked_email(longer)


@pytest.mark.parametrize(
    ("words", "discreet"),
    [
        ("Key (email)=(ada@example.org) already exists.", "Key (email)=(•••) already exists."),
        ("input_value='+4915112345678', input_type=str", "input_value='•••', input_type=str"),
        ("GET /v2/PhoneNumbers/%2B4915112345678?x", "GET /v2/PhoneNumbers/•••?x"),
        ("GET /people?address=ada%40example.org", "GET /people?address=•••"),
        ("550 5.1.1 <ada+x@mail.example.co.uk>: unknown", "550 5.1.1 <•••>: unknown"),
        ("postgresql://offramp:secret@db/offramp", "postgresql://offramp:•••/offramp"),
        ("ada@exämple.de and bob@example.org", "••• and •••"),
        ("2026-03-02T12:00:00+00:00 took 1234567 ms", "2026-03-02T12:00:00+00:00 took 1234567 ms"),
        ("0190a5b2-1234-7890-8abc-0123456789ab", "0190a5b2-1234-7890-8abc-0123456789ab"),
        ("@app.route", "@app.route"),
    ],
)
def test_a_text_loses_the_contacts_that_it_repeats_and_nothing_else(words: str, discreet: str) -> None:
    assert without_contacts(words) == discreet


@pytest.mark.parametrize(
    ("email", "phone", "hint"),
    [
        ("ada@example.org", "+4915112345678", "a•••@example.org"),
        (None, "+4915112345678", "•••• 678"),
        ("", "+4915112345678", "•••• 678"),
        (None, None, ""),
        ("", "", ""),
    ],
)
def test_an_owner_knows_the_account_by_its_address_or_else_by_its_number(
    email: str | None, phone: str | None, hint: str
) -> None:
    assert account_hint(email=email, phone=phone) == hint
    assert hint in (email_hint(email), phone_hint(phone))
