"""An e-mail address keeps its spelling, its domain is brought into one form, and what is around it falls off."""

import pytest

from domain.errors import BadContact
from domain.safety.contact_keys import are_same
from providers.contacts import email_address, normal_address


def test_the_spelling_of_a_mailbox_is_kept() -> None:
    assert email_address("Ada.Lovelace@Example.COM") == "Ada.Lovelace@example.com"


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("ada@BÜCHER.example.com", "Ada@xn--bcher-kva.example.com"),
        ("ada@xn--STRAE-oqa.de", "ada@straße.de"),
        ("ada@example.com.", "mailto:ADA@example.com"),
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "Ada <ada@example.com>"),
        ("ada@example。com", "ada@example.com"),
    ],
)
def test_one_domain_has_one_form_however_it_is_written(typed: str, other: str) -> None:
    assert are_same(email_address(typed), email_address(other))


def test_domains_of_two_owners_stay_two() -> None:
    assert not are_same(email_address("ada@straße.de"), email_address("ada@strasse.de"))


@pytest.mark.parametrize(
    "typed",
    [
        "ada @example.com",
        "a\u200bda@example.com",
        "ada@example.com..",
        "mailto:",
        "<>",
    ],
)
def test_what_an_address_cannot_hold_is_refused(typed: str) -> None:
    with pytest.raises(BadContact):
        email_address(typed)


@pytest.mark.parametrize(
    ("text", "normal"),
    [("Ada@Intranet", "Ada@Intranet"), ("ada@exa", "ada@exa"), ("Ada@EXAMPLE.com", "Ada@example.com")],
)
def test_an_address_of_an_intranet_is_normalised_as_far_as_it_goes(text: str, normal: str) -> None:
    assert normal_address(text) == normal
