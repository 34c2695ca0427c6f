"""Every entry of the journal can be told in a sentence."""

import pytest

from domain.journal import EventKind
from domain.timeline import SENTENCES, sentence


def test_every_kind_has_a_sentence() -> None:
    assert set(SENTENCES) == set(EventKind)


@pytest.mark.parametrize("kind", EventKind)
def test_an_entry_without_detail_can_be_told(kind: EventKind) -> None:
    said = sentence(kind, {})
    assert said.endswith(".")
    assert "{" not in said


def test_details_are_told_as_words() -> None:
    said = sentence(EventKind.ACCOUNT_CHANGED, {"fields": ["email", "time_zone"]})
    assert said == "The service told of a change: email, time zone."
