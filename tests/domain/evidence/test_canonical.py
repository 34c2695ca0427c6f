"""The same value has the same bytes, wherever it comes from, and no address."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.evidence.canonical import canonical, canonical_without_contacts
from domain.facts import SmsState


@dataclass(frozen=True)
class Pair:
    """Something with fields."""

    second: object
    first: object


def test_fields_are_in_the_order_of_their_names_and_times_in_utc() -> None:
    at = datetime(2026, 3, 2, 13, tzinfo=timezone(timedelta(hours=1)))
    value = {"b": Pair(second=at, first=date(2026, 3, 2)), "a": [SmsState.ON, timedelta(hours=1), None, "é"]}
    assert canonical(value).decode() == (
        '{"a":["on",3600.0,null,"é"],"b":{"first":"2026-03-02","second":"2026-03-02T12:00:00.000000+00:00"}}'
    )
    assert canonical({"at": at.astimezone(UTC)}) == canonical({"at": at})


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)


def test_addresses_and_numbers_go_however_deep_they_lie_and_masks_stay() -> None:
    value = {
        "to": ["ada@example.com"],
        "why": "call +4915112345678, or ada%40example.com",
        "is": "a•••@e•••.org",
    }
    text = canonical_without_contacts(value).decode()
    assert text == '{"is":"a•••@e•••.org","to":["•••"],"why":"call •••, or •••"}'
