"""Whole journeys, over months, whatever people do and in whatever order; `Life` checks the promise at every act.

Facts do not say whose pages they come from, so there is one way only here.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import SmsState
from domain.journey import JourneyAct
from domain.milestones import missing
from domain.policy import Policy, SecondRoute, UnknownSim
from tests.domain.lives import Life
from tests.domain.strategies import durations, policies
from tests.factories import make_policy

DAY = timedelta(days=1)
MOMENT = timedelta(seconds=1)
DEEDS: list[Callable[[Life], None]] = [
    Life.verify_email,
    Life.bind_passkey,
    Life.sign_in_with_passkey,
    Life.remove_passkey,
    Life.say_that_no_device_can_do_it,
    Life.set_up_an_app,
    Life.use_the_app,
    Life.remove_the_app,
    Life.make_recovery_codes,
    Life.type_a_recovery_code_back,
    Life.use_up_recovery_codes,
    Life.see_the_prompt,
    Life.snooze,
    Life.move_house,
    Life.lose_the_phone_number,
    Life.lose_the_mailbox,
    Life.be_reachable_again,
    Life.miss_the_last_reminder,
    Life.hear_much_from_another_cohort,
    Life.miss_the_notice,
    Life.get_the_notice_late,
    Life.object_,
    Life.hear_from_support,
    Life.swap_the_sim,
    Life.restore_sms,
    Life.do_everything,
]
OUTCOMES = [JourneyAct.GIVE_NOTICE, JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS]

# What a synced passkey is the model does not know; every other second way in it does.
some_policies = policies().filter(lambda policy: policy.second_routes != (SecondRoute.SYNCED_PASSKEY,))
months = st.lists(st.tuples(st.sampled_from(DEEDS), durations(days=15)), max_size=30)


edited_months = st.lists(st.tuples(st.sampled_from(DEEDS) | some_policies, durations(days=15)), max_size=30)


def live(policy: Policy, deeds: list[tuple[Callable[[Life], None], timedelta]]) -> Life:
    life = Life(policy)
    for deed, pause in deeds:
        deed(life)
        life.wait(pause)
    return life


def sms_of(life: Life) -> SmsState:
    return life.facts.sms


def longest_wait(policy: Policy) -> timedelta:
    """Time enough for anything that the policy makes a person wait for."""
    waits = (
        policy.cooling_off,
        policy.sim_swap_window,
        policy.notice,
        policy.probation,
        policy.rest_after_restore,
    )
    return sum(waits, policy.patience + policy.snooze) + 20 * (policy.least_gap + 2 * DAY)


@given(some_policies, months)
def test_whatever_people_do_the_promise_is_kept_and_the_journey_ends_when_they_complete_it(
    policy: Policy, deeds: list[tuple[Callable[[Life], None], timedelta]]
) -> None:
    life = live(policy, deeds)
    life.do_everything()
    done = len(life.deeds)
    life.wait(longest_wait(policy))
    assert life.facts.sms is SmsState.REMOVED
    assert JourneyAct.NUDGE not in life.deeds[done:]
    life.wait(1000 * DAY)
    assert life.deeds[-1:] == [JourneyAct.REMOVE_SMS]


@given(some_policies, months)
def test_whoever_stops_half_way_is_moved_or_reported_stuck_and_never_forgotten(
    policy: Policy, deeds: list[tuple[Callable[[Life], None], timedelta]]
) -> None:
    life = live(policy, deeds)
    life.wait(longest_wait(policy))
    if life.facts.sms is SmsState.REMOVED:
        return
    if life.facts.disputed_since or missing(life.facts, policy):
        assert life.facts.sms is SmsState.ON
        assert life.facts.disputed_since or life.facts.stuck_since
    else:
        assert life.facts.sms is SmsState.NOTICE
        assert life.facts.notice_missed
        assert life.facts.stuck_since


@given(some_policies, months)
def test_sms_goes_only_by_notice_suspension_and_probation_in_this_order(
    policy: Policy, deeds: list[tuple[Callable[[Life], None], timedelta]]
) -> None:
    steps = [act for act in live(policy, deeds).deeds if act in OUTCOMES]
    assert steps.count(JourneyAct.REMOVE_SMS) <= 1
    for at, act in enumerate(steps):
        before = OUTCOMES.index(act)
        assert before == 0 or steps[at - 1] is OUTCOMES[before - 1]


@given(some_policies, edited_months)
def test_whatever_operators_edit_nothing_ends_before_the_day_that_was_told(
    policy: Policy, deeds: list[tuple[Callable[[Life], None] | Policy, timedelta]]
) -> None:
    life = Life(policy)
    for deed, pause in deeds:
        if isinstance(deed, Policy):
            life.hear_of_another_policy(deed)
        else:
            deed(life)
        life.wait(pause)
    life.do_everything()
    life.wait(2000 * DAY)
    assert life.facts.sms is SmsState.REMOVED


@pytest.mark.parametrize("edited", [timedelta(seconds=15), DAY])
def test_whoever_was_told_ten_days_has_ten_days_whatever_the_policy_becomes(edited: timedelta) -> None:
    life = noticed_life(notice=10 * DAY)
    life.hear_of_another_policy(replace(life.policy, notice=edited))
    life.wait(10 * DAY - MOMENT)
    assert sms_of(life) is SmsState.NOTICE
    life.wait(MOMENT)
    assert sms_of(life) is SmsState.SUSPENDED
    assert life.deeds.count(JourneyAct.GIVE_NOTICE) == 1


def test_a_longer_notice_is_told_anew_once_and_then_holds() -> None:
    life = noticed_life(notice=10 * DAY)
    life.wait(9 * DAY)
    life.hear_of_another_policy(replace(life.policy, notice=20 * DAY))
    life.wait(DAY)
    assert life.deeds.count(JourneyAct.GIVE_NOTICE) == 2
    life.hear_of_another_policy(replace(life.policy, notice=DAY))
    life.wait(10 * DAY - MOMENT)
    assert sms_of(life) is SmsState.NOTICE
    life.wait(MOMENT)
    assert sms_of(life) is SmsState.SUSPENDED
    assert life.deeds.count(JourneyAct.GIVE_NOTICE) == 2


def test_suspended_codes_can_be_restored_for_as_long_as_the_page_has_said() -> None:
    life = noticed_life(notice=DAY, probation=60 * DAY)
    life.wait(DAY)
    life.hear_of_another_policy(replace(life.policy, probation=DAY))
    life.wait(60 * DAY - MOMENT)
    assert sms_of(life) is SmsState.SUSPENDED
    life.wait(MOMENT)
    assert sms_of(life) is SmsState.REMOVED


def test_what_cools_off_cools_off_for_as_long_as_its_owner_was_promised() -> None:
    policy = make_policy(proving_days=1, cooling_off=9 * DAY, unknown_sim=UnknownSim.ALLOW)
    life = Life(policy)
    life.do_everything()  # the last day of it passes
    life.hear_of_another_policy(replace(policy, cooling_off=DAY))
    life.wait(8 * DAY - MOMENT)
    assert sms_of(life) is SmsState.ON
    life.wait(MOMENT)
    assert sms_of(life) is SmsState.NOTICE


def noticed_life(**rules: timedelta) -> Life:
    """Somebody who has just been given notice."""
    life = Life(make_policy(proving_days=1, cooling_off=timedelta(), unknown_sim=UnknownSim.ALLOW, **rules))
    for deed in (Life.verify_email, Life.bind_passkey, Life.bind_passkey, Life.sign_in_with_passkey):
        deed(life)
    life.make_recovery_codes()
    life.type_a_recovery_code_back()
    life.wait(timedelta())
    assert sms_of(life) is SmsState.NOTICE
    return life


def test_who_does_everything_at_once_hears_only_what_must_be_said() -> None:
    life = Life(make_policy(proving_days=1))
    life.do_everything()
    life.wait(365 * DAY)
    assert life.deeds == OUTCOMES


def test_who_does_nothing_is_reminded_a_few_times_and_then_left_in_peace() -> None:
    life = Life(make_policy())
    life.wait(365 * DAY)
    assert life.deeds == [JourneyAct.NUDGE] * 5 + [JourneyAct.REPORT_STUCK]
    assert life.facts.sms is SmsState.ON


def test_who_restores_sms_in_probation_is_asked_again_only_after_a_rest() -> None:
    policy = make_policy(proving_days=1)
    life = Life(policy)
    life.do_everything()
    life.wait(policy.sim_swap_window + policy.notice + 2 * DAY)
    assert sms_of(life) is SmsState.SUSPENDED
    life.restore_sms()
    life.wait(policy.rest_after_restore - DAY)
    assert sms_of(life) is SmsState.ON
    life.wait(2 * DAY)
    assert sms_of(life) is SmsState.NOTICE


def test_whose_reminders_all_bounce_gets_three_of_each_milestone_anew_and_no_more() -> None:
    life = Life(make_policy())
    for _ in range(50):
        life.wait(2 * DAY)
        life.miss_the_last_reminder()
    assert life.deeds == [JourneyAct.NUDGE] * (5 + 3) + [JourneyAct.REPORT_STUCK]


def test_whoever_hears_the_notice_by_no_channel_keeps_sms_until_one_works() -> None:
    policy = make_policy(proving_days=1)
    life = Life(policy)
    life.do_everything()
    life.wait(policy.cooling_off)
    life.lose_the_phone_number()
    life.lose_the_mailbox()
    life.miss_the_notice()
    life.wait(365 * DAY)
    assert sms_of(life) is SmsState.NOTICE
    assert life.deeds == [JourneyAct.GIVE_NOTICE, JourneyAct.REPORT_STUCK]
    life.be_reachable_again()
    life.wait(policy.notice)
    assert sms_of(life) is SmsState.SUSPENDED
    assert life.deeds[2:] == [JourneyAct.GIVE_NOTICE, JourneyAct.SUSPEND_SMS]


def test_an_objection_in_probation_brings_sms_back_and_keeps_it_until_support_has_looked() -> None:
    policy = make_policy(proving_days=1)
    life = Life(policy)
    life.do_everything()
    life.wait(policy.sim_swap_window + policy.notice + 2 * DAY)
    assert sms_of(life) is SmsState.SUSPENDED
    life.object_()
    life.wait(365 * DAY)
    assert sms_of(life) is SmsState.ON
    assert life.deeds[-1] is JourneyAct.RESTORE_SMS
    life.hear_from_support()
    life.wait(policy.notice + policy.probation)
    assert sms_of(life) is SmsState.REMOVED


def test_who_removes_what_the_proof_rests_on_gets_sms_back() -> None:
    policy = make_policy(proving_days=1, second_routes=(SecondRoute.ANOTHER_PASSKEY,))
    life = Life(policy)
    life.do_everything()
    life.wait(policy.cooling_off + policy.notice + 2 * DAY)
    life.remove_passkey()
    life.wait(timedelta())
    assert life.deeds[-1] is JourneyAct.RESTORE_SMS
    assert sms_of(life) is SmsState.ON
