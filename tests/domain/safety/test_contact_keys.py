"""Two spellings of one address have one key, two people's mailboxes have two, and mail programs' wrappings fall off."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.safety.contact_keys import are_same, bare_address, contact_key, email_key

LETTERS = st.characters(codec="utf-8", exclude_characters="@", exclude_categories=["C", "Z"])


@pytest.mark.parametrize(
    ("address", "spelling"),
    [
        ("ada.lovelace@example.com", "Ada.Lovelace@example.com"),
        ("ada.lovelace@example.com", "ADA.LOVELACE@EXAMPLE.COM"),
        ("josé@example.com", "JOSÉ@example.com"),
        ("josé@example.com", unicodedata.normalize("NFD", "José@example.com")),
        ("οδός@example.com", "ΟΔΌΣ@example.com"),
        ("οδος.2@example.com", "ΟΔΟΣ.2@example.com"),
        ("straße@example.com", "STRAẞE@example.com"),
    ],
)
def test_capitals_and_the_composing_of_letters_make_no_other_address(address: str, spelling: str) -> None:
    assert are_same(address, spelling)
    assert email_key(address) == email_key(spelling) == contact_key(spelling)


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("ada.l@gmail.com", "adal@gmail.com"),
        ("ada+shop@gmail.com", "ada@gmail.com"),
        ("straße@example.com", "strasse@example.com"),
        ("ada@straße.example.com", "ada@strasse.example.com"),
        ("ada@σας.example.com", "ada@σασ.example.com"),
        ("irmak@example.com", "ırmak@example.com"),
        ("irmak@example.com", "İrmak@example.com"),
        ("jose@example.com", "josé@example.com"),
        ("sam@example.com", "ſam@example.com"),
    ],
)
def test_whoever_may_be_another_person_stays_another_person(address: str, other: str) -> None:
    assert not are_same(address, other)


def test_no_contact_is_nobodys() -> None:
    assert not are_same(None, None)
    assert not are_same("", "")
    assert not are_same("ada@example.com", None)


def test_a_phone_number_is_its_own_key() -> None:
    assert contact_key("+4915112345678") == "+4915112345678"


@given(st.text(LETTERS), st.text(LETTERS))
def test_a_key_is_its_own_key(local: str, domain: str) -> None:
    key = email_key(f"{local}@{domain}")
    assert email_key(key) == key


@given(st.text(LETTERS, min_size=1))
def test_no_letter_of_another_script_becomes_one_of_ascii(local: str) -> None:
    """So nobody can register a mailbox that is taken for somebody else's."""
    composed = unicodedata.normalize("NFC", local)
    key = email_key(f"{composed}@example.com")
    is_dotted = "İ" in composed  # it becomes an i with a dot of its own, which no i of ASCII has
    assert key.isascii() == composed.isascii() or is_dotted


@given(st.text(LETTERS), st.text(LETTERS))
def test_the_key_of_a_beginning_is_the_beginning_of_the_key(local: str, rest: str) -> None:
    """The desk searches for the first letters."""
    if unicodedata.is_normalized("NFC", local + rest):
        assert email_key(f"{local}{rest}@example.com").startswith(email_key(local))


@pytest.mark.parametrize(
    "typed",
    [
        " ada@example.com\t",
        "\u00a0ada@example.com\u200b",
        "\u202aada@example.com\u202c",
        "\ufeffada@example.com",
        "mailto:ada@example.com",
        "MAILTO:ada@example.com?subject=Hello",
        "mailto:ada%40example.com",
        "<ada@example.com>",
        "Ada Lovelace <ada@example.com>",
        "<mailto:ada@example.com>",
        "ada@example.com.",
        "ada@example.com ;",
        "ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    ],
)
def test_what_was_put_around_an_address_falls_off(typed: str) -> None:
    assert bare_address(typed) == "ada@example.com"
