"""One box takes whatever a person reads out on the phone, or somebody has pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.queries import Reading, ReadingKind, readings

ID = "0198f0aa-0000-7000-8000-00000000abcd"


def meant(typed: str, kind: ReadingKind) -> str | None:
    return next((reading.value for reading in readings(typed) if reading.kind is kind), None)


@pytest.mark.parametrize("typed", [ID, ID.upper(), f"migration:{ID}", f"  {ID}\n", ID.replace("-", "")])
def test_a_journeys_id_is_its_accounts(typed: str) -> None:
    assert meant(typed, ReadingKind.ACCOUNT_ID) == ID


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@Example.ORG", "ada@example.org"),
        ("Ada.L@example.org", "ada.l@example.org"),
        ("Ada <ada@example.org>", "ada@example.org"),
        ("ａｄａ＠example.org", "ada@example.org"),
        ("<ada@example.org>", "ada@example.org"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("\u200bada@example.org\u00a0", "ada@example.org"),
        ("ada@exa", "ada@exa"),
    ],
)
def test_an_address_is_searched_for_by_its_key(typed: str, address: str) -> None:
    assert meant(typed, ReadingKind.EMAIL) == address
    assert meant(typed, ReadingKind.EMAIL_PREFIX) == address


def test_a_domain_alone_is_no_address() -> None:
    assert meant("@example.org", ReadingKind.EMAIL) is None


@pytest.mark.parametrize(
    "typed",
    [
        "+49 151 12345678",
        "+49 (0) 151 / 123-456-78",
        "0049 151 12345678",
        "+49.151.1234.5678",
        "+4915112345678",
        "＋４９ １５１ １２３４５６７８",
    ],
)
def test_a_number_is_read_however_it_is_written(typed: str) -> None:
    assert meant(typed, ReadingKind.PHONE) == "+4915112345678"


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("5678", "5678"),
        ("0123", "0123"),
        ("0018", "0018"),
        ("00 18", "0018"),
        ("0151 12345678", "15112345678"),
        ("٥٦٧٨", "5678"),
        ("678", None),
    ],
)
def test_a_number_without_its_country_is_found_by_its_end(typed: str, end: str | None) -> None:
    assert meant(typed, ReadingKind.PHONE_END) == end


def test_a_word_may_begin_an_external_id_or_an_address() -> None:
    assert readings("Ada") == (
        Reading(ReadingKind.EXTERNAL_ID, "Ada"),
        Reading(ReadingKind.EMAIL_PREFIX, "ada"),
        Reading(ReadingKind.EXTERNAL_ID_PREFIX, "Ada"),
    )


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "@", "+", "()", "%", "_", "'--", "🙂"])
def test_what_says_nothing_means_nothing(typed: str) -> None:
    assert readings(typed) == ()


@given(st.text())
def test_no_text_is_too_odd(typed: str) -> None:
    for reading in readings(typed):
        assert reading.value.isprintable()
        assert reading.value.encode()
        assert len(reading.value) <= 1000


def test_a_very_long_text_is_cut() -> None:
    assert all(len(reading.value) <= 320 for reading in readings("a" * 10_000))
