"""Prompts at sign-in may be put off, and never become a dead end before their time."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Facts, Milestone
from domain.policy import Policy
from domain.prompts import Skips, answered_at, is_due, is_overtaken, skips, step_to_ask
from tests.clocks import START
from tests.domain.strategies import facts, instants, policies, some
from tests.factories import make_facts, make_policy

DAY = timedelta(days=1)


told_skips = st.builds(Skips, allowed=st.integers(0, 20), until=some(instants))


@given(st.integers(0, 50), facts(), policies(), some(told_skips), instants)
def test_skips_left_never_go_below_zero_or_above_what_is_allowed_or_was_told(
    used: int, account_facts: Facts, policy: Policy, told: Skips | None, now: datetime
) -> None:
    left = skips(account_facts, policy, now, promised=told).left(used, now)
    assert 0 <= left <= max(policy.skips_allowed, told.allowed if told else 0)


@given(st.integers(0, 50), facts(), policies(), told_skips, instants)
def test_no_policy_takes_back_a_skip_that_was_told(
    used: int, account_facts: Facts, policy: Policy, told: Skips, now: datetime
) -> None:
    by_policy = skips(account_facts, policy, now)
    both = skips(account_facts, policy, now, promised=told)
    assert both.left(used, now) >= max(told.left(used, now), by_policy.left(used, now))


def test_every_skip_counts_one_down() -> None:
    policy = make_policy(skips_allowed=3, mandatory_after=None)
    allowed = skips(make_facts(), policy, START)
    assert [allowed.left(used, START) for used in range(5)] == [3, 2, 1, 0, 0]


def test_a_prompt_that_nobody_has_seen_can_be_put_off_from_the_first_time_on() -> None:
    policy = make_policy(mandatory_after=DAY, skips_allowed=3)
    later = START + 1000 * DAY
    allowed = skips(make_facts(exposed_at=None), policy, later)
    assert (allowed.left(0, later), allowed.until) == (3, later + DAY)


def test_a_prompt_is_never_mandatory_where_the_policy_does_not_say_so() -> None:
    policy = make_policy(mandatory_after=None, skips_allowed=3)
    assert skips(make_facts(exposed_at=START), policy, START).left(0, START + 1000 * DAY) == 3


@pytest.mark.parametrize(("days", "left"), [(0, 3), (20, 3), (21, 0), (400, 0)])
def test_the_time_until_a_prompt_is_mandatory_runs_from_its_first_exposure(days: int, left: int) -> None:
    policy = make_policy(mandatory_after=21 * DAY, skips_allowed=3)
    allowed = skips(make_facts(exposed_at=START), policy, START + days * DAY)
    assert allowed.until == START + 21 * DAY
    assert allowed.left(0, START + days * DAY) == left


@pytest.mark.parametrize(
    ("snoozed_until", "due"), [(None, True), (START, True), (START - DAY, True), (START + DAY, False)]
)
def test_a_snoozed_prompt_rests_until_its_time(snoozed_until: datetime | None, due: bool) -> None:
    assert is_due(make_facts(snoozed_until=snoozed_until), START) is due


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, Milestone.EMAIL_VERIFIED),
        ({"on_journey": False}, None),
        ({"is_frozen": True}, None),
        ({"now": START - DAY}, None),
    ],
)
def test_a_sign_in_asks_for_the_next_step_of_a_journey_that_runs_and_is_due(
    changes: dict[str, object], step: Milestone | None
) -> None:
    case = {"on_journey": True, "is_frozen": False, "proven_today": False, "now": START} | changes
    assert step_to_ask(make_facts(snoozed_until=START), make_policy(), **case) is step  # type: ignore[arg-type]


@given(some(instants), instants, instants)
def test_an_answer_counts_between_the_question_and_now(
    told_at: datetime | None, one: datetime, other: datetime
) -> None:
    asked_at, now = sorted((one, other))
    at = answered_at(told_at, asked_at=asked_at, now=now)
    assert asked_at <= at <= now
    assert at == now or told_at is not None
    assert at == told_at or told_at is None or not asked_at <= told_at <= now


@pytest.mark.parametrize(
    ("progress_at", "cannot_since", "overtaken"),
    [
        (None, None, False),
        (START, START, False),
        (START + DAY, None, True),
        (None, START + DAY, True),
        (START - DAY, START - DAY, False),
    ],
)
def test_a_refusal_counts_unless_something_has_happened_since(
    progress_at: datetime | None, cannot_since: datetime | None, overtaken: bool
) -> None:
    assert is_overtaken(START, progress_at=progress_at, cannot_since=cannot_since) is overtaken
