"""The rules of the guard: what waits, for how long, for whom, and what it never touches."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.presets import PRESETS, STANDARD
from domain.safety import guard
from domain.safety.guard import (
    COOLING_OFF,
    GOES_ON,
    LONGEST,
    SHORTEST,
    SYSTEM,
    TIGHTENED,
    BadLength,
    Guard,
)
from domain.safety.throttle import LIMITS
from domain.trust import Answer, Assurance, Bearer, Change, Granted, NotFromHere, Root, Trust, Waits, Way, Why
from tests.clocks import START

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
UP = Guard(since=START, until=START + 6 * HOUR, by="ada", reason="SIM swaps")
NOW = START + HOUR

BY_SMS = Bearer(assurance=Assurance.LOW, root=Root.SMS, rooted_at=NOW)
BY_NEW_PASSKEY = replace(BY_SMS, assurance=Assurance.PROVISIONAL)
BY_PASSKEY = replace(BY_SMS, assurance=Assurance.HIGH)
BY_LINK = replace(BY_SMS, assurance=Assurance.ENROLS_ONLY)
BY_OLD_CODES = replace(BY_SMS, root=Root.HOST)

WAITS_FOR_THE_END = NotFromHere(why=Why.UNDER_GUARD, until=UP.until)


def trust(way: Way = Way.NOTICE, *, established: timedelta | None = -DAY) -> Trust:
    """Something that is established so long after the guard went up."""
    from_ = None if established is None else START + established
    return Trust(root=Root.SMS, rooted_at=START, bound_at=START, way=way, established_from=from_)


def under(
    change: Change,
    bearer: Bearer,
    *,
    table: Answer | None = None,
    is_beginner: bool = False,
    target: Trust | None = None,
) -> Answer:
    """The answer under guard where the table's is yes, or another."""
    by_table = table or Granted()
    return guard.answer_under(UP, by_table, change, bearer, is_beginner=is_beginner, target=target)


def test_it_ends_by_itself_at_its_end() -> None:
    assert UP.is_up(UP.since)
    assert UP.is_up(UP.until - timedelta(seconds=1))
    assert not UP.is_up(UP.until)
    assert not UP.is_up(UP.since - timedelta(seconds=1))


def test_it_ends_when_it_is_lowered_and_says_who_has_lowered_it() -> None:
    lowered = replace(UP, ended_at=NOW, ended_by="ben")
    assert not lowered.is_up(NOW)
    assert lowered.was_lowered
    assert not replace(UP, ended_at=UP.until, ended_by=SYSTEM).was_lowered


@pytest.mark.parametrize("length", [SHORTEST, timedelta(hours=6), LONGEST])
def test_it_is_raised_for_a_quarter_of_an_hour_to_a_week(length: timedelta) -> None:
    guard.require_length(length)


@pytest.mark.parametrize(
    "length", [SHORTEST - timedelta(seconds=1), LONGEST + timedelta(seconds=1), timedelta()]
)
def test_it_is_raised_for_no_other_time(length: timedelta) -> None:
    with pytest.raises(BadLength, match="15 minutes at least and 7 days at most"):
        guard.require_length(length)


@pytest.mark.parametrize("bearer", [BY_SMS, BY_NEW_PASSKEY, BY_LINK])
@pytest.mark.parametrize("change", [change for change in Change if change not in GOES_ON])
def test_whoever_came_in_by_a_sim_changes_nothing_until_its_end(change: Change, bearer: Bearer) -> None:
    assert under(change, bearer) == WAITS_FOR_THE_END


@pytest.mark.parametrize("bearer", [BY_PASSKEY, BY_OLD_CODES])
@pytest.mark.parametrize("change", [change for change in Change if change is not Change.RESTORE_SMS])
def test_whoever_did_not_come_in_by_a_sim_changes_what_the_table_allows(
    change: Change, bearer: Bearer
) -> None:
    assert under(change, bearer) == Granted()
    wait = Waits(until=NOW + DAY)
    assert under(change, bearer, table=wait) == wait


@pytest.mark.parametrize("bearer", [BY_SMS, BY_NEW_PASSKEY, BY_LINK, BY_PASSKEY])
@pytest.mark.parametrize("change", sorted(GOES_ON))
def test_holding_a_device_signing_others_out_and_rejecting_go_on(change: Change, bearer: Bearer) -> None:
    assert under(change, bearer) == Granted()


@pytest.mark.parametrize("change", Change)
def test_what_the_table_refuses_stays_refused_for_its_own_reason(change: Change) -> None:
    refusal = NotFromHere(why=Why.NEEDS_STEP_UP)
    assert under(change, BY_SMS, table=refusal) == refusal


@pytest.mark.parametrize("bearer", [BY_SMS, BY_LINK])
def test_a_beginner_makes_a_passkey_and_nothing_else(bearer: Bearer) -> None:
    granted = {change for change in Change if under(change, bearer, is_beginner=True) == Granted()}
    assert granted == {Change.BIND_PASSKEY, *GOES_ON}


def test_a_beginner_may_show_that_they_read_the_address_on_record() -> None:
    assert under(Change.CONFIRM_EMAIL, BY_SMS, is_beginner=True) == WAITS_FOR_THE_END
    assert under(Change.CONFIRM_EMAIL, BY_SMS, is_beginner=True, target=trust()) == Granted()
    assert under(Change.CONFIRM_EMAIL, BY_SMS, target=trust()) == WAITS_FOR_THE_END


def test_sms_comes_back_by_two_proofs_of_which_an_established_passkey_is_one() -> None:
    assert under(Change.RESTORE_SMS, BY_PASSKEY) == NotFromHere(why=Why.NEEDS_SECOND_PROOF)
    assert under(Change.RESTORE_SMS, BY_OLD_CODES) == WAITS_FOR_THE_END


def test_two_proofs_go_back_to_two_roots_unless_the_host_brought_both() -> None:
    hosts, sims = replace(trust(), root=Root.HOST), trust()
    assert guard.are_proofs(BY_PASSKEY, hosts, NOW)
    assert not guard.are_proofs(BY_PASSKEY, sims, NOW)
    assert guard.are_proofs(replace(BY_PASSKEY, root=Root.HOST), hosts, NOW)
    assert not guard.are_proofs(BY_NEW_PASSKEY, hosts, NOW)
    assert not guard.are_proofs(BY_PASSKEY, replace(hosts, established_from=None), NOW)


def test_what_begins_waits_three_days_or_twice_as_long_or_to_the_end_and_its_own_time() -> None:
    assert UP.wait(HOUR, NOW) == COOLING_OFF
    assert UP.wait(2 * DAY, NOW) == 4 * DAY
    week = replace(UP, until=START + LONGEST)
    assert week.wait(DAY, START) == LONGEST + DAY


@pytest.mark.parametrize("policy", PRESETS.values())
def test_no_policy_waits_less_under_guard(policy: object) -> None:
    preset = next(known for known in PRESETS.values() if known is policy)
    harder = guard.policy_under(UP, preset, NOW)
    assert harder.cooling_off >= max(COOLING_OFF, 2 * preset.cooling_off)
    assert harder.sim_swap_window >= max(COOLING_OFF, 2 * preset.sim_swap_window)
    same = replace(harder, cooling_off=preset.cooling_off, sim_swap_window=preset.sim_swap_window)
    assert same == preset
    assert guard.policy_under(None, STANDARD, NOW) == STANDARD


@pytest.mark.parametrize("way", [Way.NOTICE, Way.SIM_WINDOW, Way.RECOVERED])
def test_what_was_waiting_is_not_established_before_its_end(way: Way) -> None:
    waiting = trust(way, established=HOUR)
    assert waiting.is_established(NOW)
    held = guard.trust_under(UP, waiting)
    assert not held.is_established(UP.until - timedelta(seconds=1))
    assert held.is_established(UP.until)
    assert guard.trust_under(None, waiting) == waiting


def test_what_comes_after_its_end_keeps_its_own_moment() -> None:
    later = trust(established=DAY)
    assert guard.trust_under(UP, later) == later


@pytest.mark.parametrize(
    "untouched", [trust(), trust(Way.VOUCHED, established=HOUR), trust(Way.CONFIRMATION, established=None)]
)
def test_what_was_established_before_or_is_vouched_for_counts_as_ever(untouched: Trust) -> None:
    assert guard.trust_under(UP, untouched) == untouched


def test_a_tightened_budget_is_a_half_and_never_nothing() -> None:
    for throttle in TIGHTENED:
        limit = LIMITS[throttle]
        assert guard.tightened(limit).most == (limit.most + 1) // 2
    assert guard.part_of(1) == 1
