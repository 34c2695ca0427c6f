"""Prompts at sign-in may be put off, and never become a dead end before their time."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Facts
from domain.policy import Policy
from domain.prompts import is_due, is_mandatory, skips_left
from tests.clocks import START
from tests.domain.strategies import facts, instants, policies
from tests.factories import make_facts, make_policy

DAY = timedelta(days=1)


@given(st.integers(0, 50), facts(), policies(), instants)
def test_skips_left_never_go_below_zero_or_above_what_is_allowed(
    used: int, account_facts: Facts, policy: Policy, now: datetime
) -> None:
    assert 0 <= skips_left(used, account_facts, policy, now) <= policy.skips_allowed


def test_every_skip_counts_one_down() -> None:
    policy = make_policy(skips_allowed=3, mandatory_after=None)
    assert [skips_left(used, make_facts(), policy, START) for used in range(5)] == [3, 2, 1, 0, 0]


def test_a_prompt_that_nobody_has_seen_is_never_mandatory() -> None:
    policy = make_policy(mandatory_after=timedelta())
    assert not is_mandatory(make_facts(exposed_at=None), policy, START + 1000 * DAY)


def test_a_prompt_is_never_mandatory_where_the_policy_does_not_say_so() -> None:
    policy = make_policy(mandatory_after=None)
    assert not is_mandatory(make_facts(exposed_at=START), policy, START + 1000 * DAY)


@pytest.mark.parametrize(("days", "mandatory"), [(0, False), (20, False), (21, True), (400, True)])
def test_the_time_until_a_prompt_is_mandatory_runs_from_its_first_exposure(
    days: int, mandatory: bool
) -> None:
    policy = make_policy(mandatory_after=21 * DAY, skips_allowed=3)
    account_facts = make_facts(exposed_at=START)
    assert is_mandatory(account_facts, policy, START + days * DAY) is mandatory
    assert (skips_left(0, account_facts, policy, START + days * DAY) == 0) is mandatory


@pytest.mark.parametrize(
    ("snoozed_until", "due"), [(None, True), (START, True), (START - DAY, True), (START + DAY, False)]
)
def test_a_snoozed_prompt_rests_until_its_time(snoozed_until: datetime | None, due: bool) -> None:
    assert is_due(make_facts(snoozed_until=snoozed_until), START) is due
