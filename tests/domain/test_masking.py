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
NUMBERS = st.from_regex(r"\+[1-9][0-9]{5,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("phone", "mask"),
    [
        ("+4915112345678", "+49•••••678"),
        ("+12025550104", "+12•••••104"),
        ("+2901234", "•••••34"),
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
        ("al@ab.example", "•••@•••.example"),
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
    assert len(masked_phone(number) or "") in {11, 7}
    if len(number) >= 10 and (number[:3], number[-3:]) == (other[:3], other[-3:]) and len(other) >= 10:
        assert masked_phone(number) == masked_phone(other)


@given(
    st.text(LETTERS, min_size=1), st.text(LETTERS, min_size=1), st.sampled_from(["org", "co.uk", "example"])
)
def test_an_address_gives_away_its_first_letters_alone(local: str, name: str, top: str) -> None:
    mask = masked_email(f"{local}@{name}.{top}") or ""
    shown_local, shown_domain = mask.split("@")
    assert shown_local in {f"{local[0]}•••", "•••"}
    assert shown_domain.removesuffix(top.rpartition(".")[2]) in {f"{name[0]}•••.", "•••."}


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
