"""What people choose themselves comes into a text message as letters, digits and blanks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.messages.texted import LONGEST_VALUE, bound_line, texted_values


@pytest.mark.parametrize(
    ("name", "texted"),
    [
        ("Ada's iPhone (blue)", "Ada s iPhone blue"),
        ("evil.example", "evil example"),
        ("evil\u3002example\uff0ecom\uff61org", "evil example com org"),
        ("https://evil.example/#@", "https evil example"),
        ("Käthes Gerät 2", "Käthes Gerät 2"),
        ("आयशा का फ़ोन", unicodedata.normalize("NFKC", "आयशा का फ़ोन")),
        ("\u202egnp.exe", "gnp exe"),
        ("\ufdfa" * 40, "\u0635\u0644\u0649"),
        ("🙂", ""),
    ],
)
def test_names_are_texted_without_what_makes_a_link(name: str, texted: str) -> None:
    said = texted_values({"device": name})["device"]
    assert said.startswith(texted)
    assert len(said) <= LONGEST_VALUE


@given(st.text(max_size=200))
def test_no_name_whatever_holds_anything_but_letters_digits_and_blanks(name: str) -> None:
    said = texted_values({"device": name})["device"]
    assert len(said) <= LONGEST_VALUE
    assert all(letter == " " or unicodedata.category(letter)[0] in "LMN" for letter in said)


def test_what_offramp_makes_up_itself_stays_as_it_is() -> None:
    ours = {"code": "402913", "minutes": "10", "since": "2026-03-02 14:05", "count": "4"}
    assert texted_values(ours) == ours


def test_the_line_that_phones_read_names_the_host_alone() -> None:
    assert bound_line("https://login.example.com:8443", "123456") == "@login.example.com #123456"
