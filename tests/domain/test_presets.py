"""The policies that come with Offramp keep what they promise."""

from datetime import timedelta

import pytest

from domain.facts import Milestone
from domain.policy import Policy
from domain.presets import FAST, FIRM, GENTLE, PRESETS, STANDARD

FOR_PEOPLE = [GENTLE, STANDARD, FIRM]


@pytest.mark.parametrize("policy", list(PRESETS.values()), ids=list(PRESETS))
def test_a_preset_is_found_by_its_name(policy: Policy) -> None:
    assert PRESETS[policy.name] is policy


def test_the_presets_are_the_four_of_the_documentation() -> None:
    assert list(PRESETS) == ["gentle", "standard", "firm", "fast"]


@pytest.mark.parametrize("policy", FOR_PEOPLE, ids=lambda policy: policy.name)
def test_people_are_warned_days_ahead_may_go_back_for_weeks_and_sleep_at_night(policy: Policy) -> None:
    assert policy.notice >= timedelta(days=7)
    assert policy.probation >= timedelta(days=21)
    assert policy.cooling_off >= timedelta(days=3)
    assert policy.least_gap >= timedelta(hours=20)
    assert policy.quiet_from > policy.quiet_until


@pytest.mark.parametrize("policy", FOR_PEOPLE, ids=lambda policy: policy.name)
def test_nobody_gets_more_than_twenty_reminders_in_a_whole_journey(policy: Policy) -> None:
    assert len(policy.cadence) * len(Milestone) <= 20


def test_the_gentler_the_fewer_reminders_a_contact_gets_in_a_week() -> None:
    assert 0 < GENTLE.cap < STANDARD.cap <= FIRM.cap
    assert {policy.cap_window for policy in FOR_PEOPLE} == {timedelta(days=7)}


def test_gentler_is_slower_and_firmer_is_faster() -> None:
    assert GENTLE.patience > STANDARD.patience > FIRM.patience
    assert GENTLE.probation > STANDARD.probation > FIRM.probation
    assert GENTLE.skips_allowed > STANDARD.skips_allowed > FIRM.skips_allowed


def test_the_fast_policy_lets_a_whole_journey_be_watched_in_two_minutes() -> None:
    waiting = FAST.cooling_off + FAST.sim_swap_window + FAST.notice + FAST.probation
    assert waiting <= timedelta(minutes=2)
    assert FAST.proving_days == 1
    assert FAST.quiet_from == FAST.quiet_until
