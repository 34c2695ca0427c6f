"""Milestones stand each on its own, and are asked for in one order."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Facts, Milestone
from domain.milestones import app_stands_in, missing, next_milestone, next_step, reached, second_routes
from domain.policy import InsteadOfPasskey, InvalidPolicy, Policy, SecondRoute
from tests.clocks import START
from tests.domain.strategies import facts, policies
from tests.factories import make_facts, make_policy

POLICY = make_policy(second_routes=(SecondRoute.RECOVERY_CODES,))

WHAT_REACHES: dict[Milestone, dict[str, Any]] = {
    Milestone.EMAIL_VERIFIED: {"email_verified_at": START},
    Milestone.PASSKEY_ENROLLED: {"passkeys": 1},
    Milestone.PASSKEY_PROVEN: {"proven_passkeys": 1, "passkey_days": 2},
    Milestone.SECOND_ROUTE_READY: {"recovery_codes_left": 8, "recovery_codes_proven": True},
}


@pytest.mark.parametrize("order", list(itertools.permutations(Milestone)))
def test_milestones_reached_in_any_order_lead_to_the_end(order: tuple[Milestone, ...]) -> None:
    account_facts = make_facts()
    for done, milestone in enumerate(order):
        left = [other for other in Milestone if other in order[done:]]
        assert list(missing(account_facts, POLICY)) == left
        assert next_milestone(account_facts, POLICY) is left[0]
        account_facts = replace(account_facts, **WHAT_REACHES[milestone])
    assert missing(account_facts, POLICY) == ()
    assert next_milestone(account_facts, POLICY) is None


@given(facts(), policies())
def test_the_next_milestone_is_the_first_that_is_missing(account_facts: Facts, policy: Policy) -> None:
    milestone = next_milestone(account_facts, policy)
    assert (milestone is None) == all(reached(each, account_facts, policy) for each in Milestone)
    if milestone:
        earlier = list(Milestone)[: list(Milestone).index(milestone)]
        assert all(reached(each, account_facts, policy) for each in earlier)
        assert not reached(milestone, account_facts, policy)


@given(facts(), policies(), st.booleans())
def test_the_next_step_is_one_that_the_person_can_do_today(
    account_facts: Facts, policy: Policy, today: bool
) -> None:
    step = next_step(account_facts, policy, proven_today=today)
    if step:
        assert not reached(step, account_facts, policy)
        assert not (today and step is Milestone.PASSKEY_PROVEN)
    else:
        assert set(missing(account_facts, policy)) <= ({Milestone.PASSKEY_PROVEN} if today else set())


def test_the_set_up_goes_on_once_todays_proof_is_made() -> None:
    account_facts = make_facts(email_verified_at=START, passkeys=1, proven_passkeys=1, passkey_days=1)
    assert next_step(account_facts, POLICY, proven_today=False) is Milestone.PASSKEY_PROVEN
    assert next_step(account_facts, POLICY, proven_today=True) is Milestone.SECOND_ROUTE_READY


@pytest.mark.parametrize(("days", "enough"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_passkey_is_proven_by_sign_ins_on_as_many_days_as_the_policy_says(days: int, enough: bool) -> None:
    account_facts = make_facts(passkeys=1, proven_passkeys=1, passkey_days=days)
    assert reached(Milestone.PASSKEY_PROVEN, account_facts, make_policy(proving_days=2)) is enough


def test_days_of_a_passkey_that_is_gone_prove_nothing() -> None:
    account_facts = make_facts(passkeys=1, proven_passkeys=0, passkey_days=5)
    assert not reached(Milestone.PASSKEY_PROVEN, account_facts, POLICY)


@pytest.mark.parametrize(
    ("route", "changes"),
    [
        (SecondRoute.ANOTHER_PASSKEY, {"passkeys": 2}),
        (SecondRoute.SYNCED_PASSKEY, {"passkeys": 1, "synced_passkeys": 1}),
        (SecondRoute.RECOVERY_CODES, {"recovery_codes_left": 1, "recovery_codes_proven": True}),
    ],
)
def test_a_second_way_in_counts_only_where_the_policy_accepts_it(
    route: SecondRoute, changes: dict[str, Any]
) -> None:
    account_facts = make_facts(**changes)
    others = tuple(other for other in SecondRoute if other is not route)
    assert tuple(second_routes(account_facts, make_policy(second_routes=tuple(SecondRoute)))) == (route,)
    assert reached(Milestone.SECOND_ROUTE_READY, account_facts, make_policy(second_routes=(route,)))
    assert not reached(Milestone.SECOND_ROUTE_READY, account_facts, make_policy(second_routes=others))


@pytest.mark.parametrize(
    "changes",
    [
        {"recovery_codes_left": 8, "recovery_codes_proven": False},
        {"recovery_codes_left": 0, "recovery_codes_proven": True},
        {"passkeys": 1},
    ],
)
def test_codes_never_typed_back_or_used_up_and_a_single_passkey_are_no_second_way_in(
    changes: dict[str, Any],
) -> None:
    everything_but_synced = (SecondRoute.ANOTHER_PASSKEY, SecondRoute.RECOVERY_CODES)
    policy = make_policy(second_routes=everything_but_synced)
    assert not reached(Milestone.SECOND_ROUTE_READY, make_facts(**changes), policy)


def test_a_policy_of_one_day_needs_no_second_day() -> None:
    account_facts = make_facts(passkeys=1, proven_passkeys=1, passkey_days=1)
    assert reached(
        Milestone.PASSKEY_PROVEN, account_facts, make_policy(proving_days=1, cooling_off=timedelta())
    )


BY_APP = make_policy(instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP, proving_days=2)
WITH_APP = make_facts(authenticator_apps=1, app_days=2, lacks_device=True)


@pytest.mark.parametrize("milestone", [Milestone.PASSKEY_ENROLLED, Milestone.PASSKEY_PROVEN])
@pytest.mark.parametrize(
    ("account_facts", "policy"),
    [
        (WITH_APP, make_policy()),
        (replace(WITH_APP, lacks_device=False), BY_APP),
        (replace(WITH_APP, authenticator_apps=0), BY_APP),
    ],
)
def test_an_app_is_in_place_of_a_passkey_only_by_policy_and_without_a_device(
    milestone: Milestone, account_facts: Facts, policy: Policy
) -> None:
    assert reached(milestone, WITH_APP, BY_APP)
    assert not reached(milestone, account_facts, policy)


def test_an_app_has_to_show_codes_on_as_many_days_as_a_passkey_has_to_sign_in() -> None:
    assert not reached(Milestone.PASSKEY_PROVEN, replace(WITH_APP, app_days=1), BY_APP)


def test_what_is_in_place_of_a_passkey_is_no_second_way_in_and_is_one_again_beside_a_passkey() -> None:
    assert app_stands_in(WITH_APP, BY_APP)
    assert list(second_routes(WITH_APP, BY_APP)) == []
    beside = replace(WITH_APP, passkeys=1, proven_passkeys=1, passkey_days=2)
    assert not app_stands_in(beside, BY_APP)
    assert list(second_routes(beside, BY_APP)) == [SecondRoute.AUTHENTICATOR_APP]
    assert list(second_routes(WITH_APP, make_policy())) == [SecondRoute.AUTHENTICATOR_APP]


@given(facts(), policies())
def test_a_passkey_more_takes_no_milestone_back(account_facts: Facts, policy: Policy) -> None:
    before = missing(account_facts, policy)
    more = replace(account_facts, passkeys=account_facts.passkeys + 1)
    proven = replace(more, proven_passkeys=more.proven_passkeys + 1, passkey_days=policy.proving_days)
    assert set(missing(more, policy)) <= set(before)
    assert set(missing(proven, policy)) <= set(before)


def test_a_policy_that_takes_an_app_leaves_something_else_for_the_second_way_in() -> None:
    with pytest.raises(InvalidPolicy, match="second_routes has no recovery_codes"):
        make_policy(
            instead_of_passkey=InsteadOfPasskey.AUTHENTICATOR_APP,
            second_routes=(SecondRoute.ANOTHER_PASSKEY, SecondRoute.AUTHENTICATOR_APP),
        )
