"""Software is told apart by family and major version, and every word that is kept can be said to operators."""

import pytest

from domain.attempts import AttemptEnd, AttemptKind, Facet, Occasion, end_of, occasion_of
from domain.facts import Method
from domain.passkeys import CeremonyFailure
from domain.prompts import SmsReason
from domain.rollouts.slices import Platform
from domain.software import (
    UNASKED,
    UNKNOWN_SOFTWARE,
    BrowserFamily,
    Capabilities,
    Software,
    browser_label,
    major,
    read_capabilities,
)
from domain.words import attempt_words


def test_a_browser_is_named_by_family_and_major_version() -> None:
    assert Software(browser=BrowserFamily.CHROME, browser_major=131).browser_name == "Chrome 131"
    assert Software(browser=BrowserFamily.FACEBOOK).browser_name == "Facebook's app"
    assert UNKNOWN_SOFTWARE.browser_name == browser_label("", None) == ""


@pytest.mark.parametrize(
    ("version", "number"), [("18", 18), ("999", 999), ("14541", None), ("١٨", None), ("", None), (None, None)]
)
def test_a_major_version_is_a_small_number(version: str | None, number: int | None) -> None:
    assert major(version) == number


def test_capabilities_are_what_the_page_says_and_no_more() -> None:
    assert read_capabilities("hybrid=?1, conditional_get=?0, made_up=?1") == Capabilities(
        hybrid=True, conditional_get=False
    )
    assert read_capabilities("") == read_capabilities("hybrid=1; <script>") == UNASKED


def test_whoever_comes_by_a_link_is_somewhere_else_than_at_the_set_up() -> None:
    assert occasion_of("/passkeys", Method.SMS) is Occasion.SET_UP
    assert occasion_of("/passkeys", Method.DEVICE_LINK) is Occasion.DEVICE_LINK
    assert occasion_of("/passkeys/prove", Method.RECOVERY) is Occasion.RECOVERY
    assert occasion_of("/sign-in/passkey", None) is Occasion.DOOR


def test_what_browsers_say_of_a_cancelled_ceremony_is_no_failure_of_software() -> None:
    assert end_of(CeremonyFailure.NOT_ALLOWED) is AttemptEnd.GIVEN_UP
    assert end_of(CeremonyFailure.NOT_SUPPORTED) is AttemptEnd.FAILED


def test_every_word_has_a_name() -> None:
    assert set(attempt_words.FACETS) == set(Facet)
    assert set(attempt_words.KINDS) == set(AttemptKind)
    assert set(attempt_words.ENDS) == set(AttemptEnd)
    assert set(attempt_words.OCCASIONS) == set(Occasion)
    assert set(attempt_words.PLATFORMS) == set(Platform)
    assert set(attempt_words.SMS_REASONS) >= set(SmsReason)
    assert set(attempt_words.REASONS) >= set(CeremonyFailure)
