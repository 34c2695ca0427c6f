"""Which preset a policy comes from, and by which rules it differs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.policy import Policy
from domain.presets import FIRM, GENTLE, PRESETS, STANDARD
from domain.rollouts.preset_differences import difference
from domain.safety.end_dates import EndDate


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_differs_from_itself_in_nothing(preset: Policy) -> None:
    assert (difference(preset).preset, difference(preset).rules) == (preset, ())


def test_the_rules_that_differ_are_named_and_the_name_and_the_end_are_no_rules() -> None:
    end = EndDate(at=datetime(2027, 1, 1, tzinfo=UTC))
    changed = replace(FIRM, name="ours", notice=timedelta(days=10), forget_phone=False, end=end)
    assert difference(changed).preset == FIRM
    assert difference(changed).rules == ("notice", "forget_phone")


def test_of_two_presets_that_are_as_near_the_one_in_the_name_counts() -> None:
    own = {name: replace(GENTLE, name=f"{name} for spring", **HALFWAY) for name in ("gentle", "standard")}
    for name, policy in own.items():
        assert len(difference(policy).rules) == 4
        assert difference(policy).preset == PRESETS[name]


HALFWAY: dict[str, Any] = {
    name: getattr(STANDARD, name) for name in ("cadence", "patience", "skips_allowed", "cap")
}
"""Half of the rules in which the two differ."""
