"""Snapshots replace each other by their versions."""

from dataclasses import Field, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Edition, Facts, Milestone, Nudged, SmsState
from tests.clocks import START
from tests.domain.strategies import facts
from tests.factories import make_facts


@given(facts(), facts())
def test_of_two_snapshots_of_one_epoch_only_the_one_with_the_higher_version_supersedes(
    snapshot: Facts, other: Facts
) -> None:
    assert snapshot.supersedes(other) == (snapshot.version > other.version)
    assert not (snapshot.supersedes(other) and other.supersedes(snapshot))


@given(st.permutations(range(1, 6)), st.lists(st.integers(1, 5)))
def test_signals_in_any_order_and_any_number_leave_the_newest_snapshot(
    order: list[int], again: list[int]
) -> None:
    account_facts = Facts()
    for version in (*order, *again):
        arrived = Facts(version=version)
        account_facts = arrived if arrived.supersedes(account_facts) else account_facts
    assert account_facts.version == 5


@given(facts(), facts(), st.integers(0, 3), st.integers(1, 3))
def test_a_snapshot_of_a_later_epoch_supersedes_every_earlier_one(
    snapshot: Facts, other: Facts, epoch: int, later_by: int
) -> None:
    earlier, later = replace(snapshot, epoch=epoch), replace(other, epoch=epoch + later_by)
    assert later.supersedes(earlier)
    assert not earlier.supersedes(later)


def test_a_snapshot_does_not_supersede_itself() -> None:
    assert not make_facts(version=3).supersedes(make_facts(version=3))


def test_what_was_said_about_a_milestone_is_found_by_it() -> None:
    said = Nudged(milestone=Milestone.PASSKEY_PROVEN, times=2, last_at=START)
    account_facts = make_facts(nudges=(said,))
    assert account_facts.nudged(Milestone.PASSKEY_PROVEN) == said
    assert account_facts.nudged(Milestone.EMAIL_VERIFIED) is None
    assert account_facts.last_nudged_at == START
    assert make_facts().last_nudged_at is None


def test_what_never_arrived_was_not_said() -> None:
    said = Nudged(milestone=Milestone.PASSKEY_PROVEN, times=3, missed=3, last_at=None)
    assert said.arrived == 0
    assert make_facts(nudges=(said,)).last_nudged_at is None


@pytest.mark.parametrize(
    "unset", [field.name for field in fields(Facts) if field.default is None or field.default is False]
)
def test_by_default_nothing_has_happened_as_recorded_journeys_rely_on(unset: str) -> None:
    assert not getattr(Facts(), unset)


NOTHING_YET = [field for kind in (Facts, Edition) for field in fields(kind)]


@pytest.mark.parametrize("field", NOTHING_YET, ids=lambda field: field.name)
def test_a_default_says_that_nothing_has_happened_as_recorded_histories_rely_on(field: Field[Any]) -> None:
    if field.name == "sms":
        assert field.default is SmsState.ON
    else:
        assert field.default in (0, None, False, ())


def test_every_invitation_counts_unless_one_was_missed() -> None:
    twice = Nudged(milestone=Milestone.EMAIL_VERIFIED, times=2, last_at=START)
    assert (twice.arrived, replace(twice, missed=1).arrived) == (2, 1)
