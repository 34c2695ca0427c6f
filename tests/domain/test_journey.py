"""What a journey does next: always an act or a wait, never off without proof, never a surprise."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotSafeYet
from domain.facts import Facts, Milestone, Nudged, SmsState
from domain.journey import (
    JourneyAct,
    Plan,
    StuckReason,
    due,
    passkey_counts_from,
    plan,
)
from domain.milestones import missing, next_milestone, second_routes
from domain.notices import HANDOVER
from domain.policy import Policy, SecondRoute, UnknownSim
from domain.safety.off_proof import OffProof, off_proof
from domain.stuck_reasons import stuck_reason
from tests.clocks import START
from tests.domain.nights import is_quiet
from tests.domain.strategies import account_ids, facts, instants, policies, ready_facts
from tests.factories import make_facts, make_policy, make_ready_facts

DAY = timedelta(days=1)
LATER = START + 1000 * DAY
POLICY = make_policy()
ON = st.just(SmsState.ON)
OFF = st.sampled_from([SmsState.NOTICE, SmsState.SUSPENDED])

ALLOWED_WHILE = {
    SmsState.ON: {JourneyAct.NUDGE, JourneyAct.REPORT_STUCK, JourneyAct.GIVE_NOTICE},
    SmsState.NOTICE: {
        JourneyAct.GIVE_NOTICE,
        JourneyAct.REPORT_STUCK,
        JourneyAct.SUSPEND_SMS,
        JourneyAct.RESTORE_SMS,
    },
    SmsState.SUSPENDED: {JourneyAct.REMOVE_SMS, JourneyAct.RESTORE_SMS},
    SmsState.REMOVED: set(),
}


def proof_or_lack(account_facts: Facts, policy: Policy, now: datetime) -> OffProof | set[str]:
    """The proof, or what is lacking for it."""
    try:
        return off_proof(account_facts, policy, now)
    except NotSafeYet as refusal:
        return {*refusal.missing}


@given(account_ids, facts() | ready_facts(), policies())
def test_every_plan_is_an_act_that_fits_how_far_sms_is_off_or_a_wait(
    account_id: str, account_facts: Facts, policy: Policy
) -> None:
    planned = plan(account_id, account_facts, policy)
    if planned.act is None:
        assert planned.at is None
        assert account_facts.sms in (SmsState.ON, SmsState.REMOVED) or account_facts.notice_missed
    else:
        assert planned.act in {*ALLOWED_WHILE[account_facts.sms], JourneyAct.CHECK_SIM}
    assert (planned.nudge is not None) is (planned.act is JourneyAct.NUDGE)
    assert plan(account_id, account_facts, policy) == planned


@given(account_ids, facts(), policies())
def test_a_journey_only_waits_for_ever_when_it_is_over_reported_stuck_disputed_or_not_begun(
    account_id: str, account_facts: Facts, policy: Policy
) -> None:
    if plan(account_id, account_facts, policy).act is None:
        waits = account_facts.stuck_since or account_facts.disputed_since or account_facts.progress_at is None
        assert account_facts.sms is SmsState.REMOVED or waits


@given(account_ids, facts(sms=OFF) | ready_facts(sms=OFF), policies())
def test_sms_is_only_switched_off_when_the_proof_holds_at_that_moment(
    account_id: str, account_facts: Facts, policy: Policy
) -> None:
    planned = plan(account_id, account_facts, policy)
    if planned.act in (JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS):
        assert planned.at is not None
        assert off_proof(account_facts, policy, planned.at)


@given(account_ids, facts(sms=OFF) | ready_facts(sms=OFF), policies())
def test_a_proof_that_breaks_brings_sms_back_at_once(
    account_id: str, account_facts: Facts, policy: Policy
) -> None:
    planned = plan(account_id, account_facts, policy)
    assert (planned.act is JourneyAct.RESTORE_SMS) is bool(
        missing(account_facts, policy) or account_facts.disputed_since
    )
    if planned.act is JourneyAct.RESTORE_SMS:
        assert planned.at == account_facts.sms_since


@given(account_ids, ready_facts(sms=OFF), policies())
def test_nobody_is_switched_off_before_the_notice_or_for_good_before_the_probation_is_over(
    account_id: str, account_facts: Facts, policy: Policy
) -> None:
    planned = plan(account_id, account_facts, policy)
    waits = {JourneyAct.SUSPEND_SMS: policy.notice, JourneyAct.REMOVE_SMS: policy.probation}
    if planned.act in waits:
        assert planned.at is not None
        assert account_facts.sms_since is not None
        assert planned.at >= account_facts.sms_since + waits[planned.act]
    if planned.act is JourneyAct.SUSPEND_SMS and account_facts.noticed_at:
        assert planned.at is not None
        assert planned.at >= account_facts.noticed_at + policy.notice - HANDOVER


@given(account_ids, ready_facts(sms=ON), policies())
def test_who_has_restored_sms_rests_before_the_next_notice(
    account_id: str, account_facts: Facts, policy: Policy
) -> None:
    planned = plan(account_id, account_facts, policy)
    if planned.act is JourneyAct.GIVE_NOTICE and account_facts.restored_at:
        assert planned.at is not None
        assert planned.at >= account_facts.restored_at + policy.rest_after_restore


@given(account_ids, facts(sms=ON) | ready_facts(sms=ON), policies())
def test_nobody_is_reminded_of_what_is_done(account_id: str, account_facts: Facts, policy: Policy) -> None:
    planned = plan(account_id, account_facts, policy)
    is_done = next_milestone(account_facts, policy) is None
    if is_done:
        assert planned.act in (JourneyAct.GIVE_NOTICE, JourneyAct.CHECK_SIM, None)
    else:
        assert planned.act not in (JourneyAct.GIVE_NOTICE, JourneyAct.CHECK_SIM)
    if planned.nudge:
        assert planned.nudge.milestone is next_milestone(account_facts, policy)
        assert planned.nudge.at == planned.at


@given(account_ids, facts(), policies())
def test_what_has_been_removed_is_left_alone(account_id: str, account_facts: Facts, policy: Policy) -> None:
    assert plan(account_id, replace(account_facts, sms=SmsState.REMOVED), policy).act is None


@given(account_ids, facts() | ready_facts(), policies(), instants)
def test_a_journey_of_a_deactivated_account_stands_still(
    account_id: str, account_facts: Facts, policy: Policy, at: datetime
) -> None:
    assert plan(account_id, replace(account_facts, deactivated_at=at), policy) == Plan(act=None)


@given(facts() | ready_facts(), policies(), instants)
def test_a_proof_says_what_it_rests_on_and_a_refusal_says_what_is_lacking(
    account_facts: Facts, policy: Policy, now: datetime
) -> None:
    answer = proof_or_lack(account_facts, policy, now)
    if isinstance(answer, OffProof):
        assert missing(account_facts, policy) == ()
        assert answer.email_verified_at == account_facts.email_verified_at
        assert answer.proven_passkeys > 0
        assert answer.passkey_counts_from <= now
        assert answer.second_routes == tuple(second_routes(account_facts, policy)) != ()
        assert (answer.policy, answer.facts_version) == (policy.name, account_facts.version)
    else:
        assert answer
        assert {*missing(account_facts, policy)} <= answer <= {*Milestone, "cooling_off", "objection"}
        assert ("objection" in answer) is bool(account_facts.disputed_since)


@given(ready_facts(), policies(), instants, st.timedeltas(timedelta(), 400 * DAY))
def test_a_proof_does_not_go_stale_by_waiting(
    account_facts: Facts, policy: Policy, now: datetime, wait: timedelta
) -> None:
    proof = proof_or_lack(account_facts, policy, now)
    if isinstance(proof, OffProof):
        assert proof_or_lack(account_facts, policy, now + wait) == proof


@pytest.mark.parametrize(
    ("lost", "lacking"),
    [
        ({"email_verified_at": None}, {Milestone.EMAIL_VERIFIED}),
        (
            {"passkeys": 0, "proven_passkeys": 0, "passkey_bound_at": None},
            {*list(Milestone)[1:3], "cooling_off"},
        ),
        ({"proven_passkeys": 0, "passkey_bound_at": None}, {Milestone.PASSKEY_PROVEN, "cooling_off"}),
        ({"passkey_days": 1}, {Milestone.PASSKEY_PROVEN}),
        ({"passkeys": 1, "recovery_codes_left": 0}, {Milestone.SECOND_ROUTE_READY}),
        ({"passkeys": 1, "recovery_codes_proven": False}, {Milestone.SECOND_ROUTE_READY}),
    ],
)
def test_without_any_one_of_its_grounds_there_is_no_proof(lost: dict[str, Any], lacking: set[str]) -> None:
    assert off_proof(make_ready_facts(), POLICY, LATER)
    with pytest.raises(NotSafeYet) as refusal:
        off_proof(make_ready_facts(**lost), POLICY, LATER)
    assert {*refusal.value.missing} == lacking


def rooted(**changes: Any) -> Facts:
    """Somebody whose passkey goes back to a text-message code at the start."""
    return make_ready_facts(**({"passkey_rooted_in_sms_at": START, "sim_checked_at": START} | changes))


def test_a_passkey_that_owes_nothing_to_sms_counts_at_once() -> None:
    assert passkey_counts_from(make_ready_facts(), POLICY) == START


def test_without_a_proven_passkey_nothing_counts() -> None:
    assert passkey_counts_from(make_facts(), POLICY) is None


def test_a_passkey_rooted_in_sms_cools_off_first() -> None:
    policy = make_policy(cooling_off=3 * DAY)
    assert passkey_counts_from(rooted(), policy) == START + 3 * DAY
    almost = START + 3 * DAY - timedelta(microseconds=1)
    with pytest.raises(NotSafeYet) as refusal:
        off_proof(rooted(), policy, almost)
    assert refusal.value.missing == ("cooling_off",)
    assert off_proof(rooted(), policy, START + 3 * DAY)


@pytest.mark.parametrize(
    ("changed_at", "wait"),
    [
        (None, 3 * DAY),
        (START - 8 * DAY, 3 * DAY),
        (START - 7 * DAY, 7 * DAY),
        (START - DAY, 7 * DAY),
        (START, 7 * DAY),
        (START + DAY, 7 * DAY),
    ],
)
def test_a_sim_changed_shortly_before_or_since_keeps_the_passkey_waiting_longer(
    changed_at: datetime | None, wait: timedelta
) -> None:
    policy = make_policy(cooling_off=3 * DAY, sim_swap_window=7 * DAY)
    assert passkey_counts_from(rooted(sim_changed_at=changed_at), policy) == START + wait


@pytest.mark.parametrize(("unknown", "wait"), [(UnknownSim.ALLOW, 3 * DAY), (UnknownSim.HOLD, 7 * DAY)])
def test_a_sim_that_nobody_checked_is_held_or_allowed_as_the_policy_says(
    unknown: UnknownSim, wait: timedelta
) -> None:
    policy = make_policy(cooling_off=3 * DAY, sim_swap_window=7 * DAY, unknown_sim=unknown)
    for checked_at in (None, START - DAY):  # a check before the binding says nothing of the time in between
        assert passkey_counts_from(rooted(sim_checked_at=checked_at), policy) == START + wait


@given(facts(), policies())
def test_doubt_about_the_sim_never_shortens_the_wait(account_facts: Facts, policy: Policy) -> None:
    counts_from = passkey_counts_from(account_facts, policy)
    if account_facts.passkey_rooted_in_sms_at:
        assert counts_from is not None
        assert counts_from >= account_facts.passkey_rooted_in_sms_at + policy.cooling_off
        certain = replace(
            account_facts, sim_checked_at=account_facts.passkey_rooted_in_sms_at, sim_changed_at=None
        )
        doubtless = passkey_counts_from(certain, policy)
        assert doubtless is not None
        assert counts_from >= doubtless


def test_a_younger_passkey_in_probation_is_waited_for_and_not_tried_in_vain() -> None:
    young = START + 40 * DAY
    account_facts = rooted(
        sms=SmsState.SUSPENDED, sms_since=START, passkey_rooted_in_sms_at=young, sim_asked_at=young
    )
    planned = plan("an account", account_facts, make_policy(probation=30 * DAY, cooling_off=3 * DAY))
    assert (planned.act, planned.at) == (JourneyAct.REMOVE_SMS, young + 7 * DAY)


def test_a_whole_retirement_goes_step_by_step() -> None:
    account_facts = make_ready_facts()
    assert plan("an account", account_facts, POLICY).act is JourneyAct.GIVE_NOTICE
    assert plan("an account", account_facts, POLICY).at == START
    account_facts = replace(account_facts, sms=SmsState.NOTICE, sms_since=START + DAY)
    suspension = plan("an account", account_facts, POLICY)
    assert (suspension.act, suspension.at) == (JourneyAct.SUSPEND_SMS, START + DAY + POLICY.notice)
    account_facts = replace(account_facts, sms=SmsState.SUSPENDED, sms_since=START + 8 * DAY)
    removal = plan("an account", account_facts, POLICY)
    assert (removal.act, removal.at) == (JourneyAct.REMOVE_SMS, START + 8 * DAY + POLICY.probation)


@pytest.mark.parametrize("sms", [SmsState.NOTICE, SmsState.SUSPENDED])
def test_an_objection_brings_sms_back_at_once_however_good_the_proof(sms: SmsState) -> None:
    account_facts = make_ready_facts(sms=sms, sms_since=START, noticed_at=START, disputed_since=START + DAY)
    planned = plan("an account", account_facts, POLICY)
    assert (planned.act, planned.at) == (JourneyAct.RESTORE_SMS, START)


@pytest.mark.parametrize("account_facts", [make_facts(), make_ready_facts()])
def test_while_an_objection_is_open_nobody_is_reminded_and_nothing_is_announced(account_facts: Facts) -> None:
    assert plan("an account", account_facts, POLICY).act
    assert plan("an account", replace(account_facts, disputed_since=START), POLICY).act is None


def test_while_an_objection_is_open_there_is_no_proof() -> None:
    with pytest.raises(NotSafeYet) as refusal:
        off_proof(make_ready_facts(disputed_since=START), POLICY, LATER)
    assert refusal.value.missing == ("objection",)


def used_up(**changes: Any) -> Facts:
    """Somebody who has heard every reminder for the first milestone."""
    times = len(POLICY.cadence) + 1
    spent = (Nudged(milestone=Milestone.EMAIL_VERIFIED, times=times, last_at=START),)
    return make_facts(nudges=spent, **changes)


@pytest.mark.parametrize(
    ("exposed_at", "patience_from"),
    [(None, START), (START - 5 * DAY, START), (START + 9 * DAY, START + 9 * DAY)],
)
def test_used_up_reminders_are_reported_once_patience_since_progress_or_exposure_is_over(
    exposed_at: datetime | None, patience_from: datetime
) -> None:
    planned = plan("an account", used_up(exposed_at=exposed_at), POLICY)
    assert (planned.act, planned.at) == (JourneyAct.REPORT_STUCK, patience_from + POLICY.patience)


def test_nobody_is_reported_stuck_before_the_last_reminder() -> None:
    late = START + 100 * DAY
    spent = (Nudged(milestone=Milestone.EMAIL_VERIFIED, times=9, last_at=late),)
    assert plan("an account", make_facts(nudges=spent), POLICY).at == late


def test_a_journey_is_reported_stuck_once_and_then_waits_for_new_facts() -> None:
    assert plan("an account", used_up(stuck_since=START), POLICY).act is None


@pytest.mark.parametrize(
    ("account_facts", "reason"),
    [
        (make_facts(), None),
        (used_up(), StuckReason.NUDGES_USED_UP),
        (make_facts(channels=()), StuckReason.UNREACHABLE),
        (make_ready_facts(channels=()), None),
    ],
)
def test_who_is_stuck_is_told_apart_by_the_reason(account_facts: Facts, reason: StuckReason | None) -> None:
    assert stuck_reason("an account", account_facts, POLICY) is reason


def test_what_a_policy_does_not_accept_as_a_second_way_in_is_in_no_proof() -> None:
    policy = make_policy(second_routes=(SecondRoute.RECOVERY_CODES,))
    assert off_proof(make_ready_facts(), policy, LATER).second_routes == (SecondRoute.RECOVERY_CODES,)


def test_a_reminder_whose_moment_was_missed_is_not_made_up_for_at_night() -> None:
    planned = plan("an account", make_facts(time_zone="Europe/Berlin"), POLICY)
    midnight = START.replace(hour=23)
    moment = due("an account", planned, make_facts(time_zone="Europe/Berlin"), POLICY, midnight)
    nine_in_berlin = START.replace(hour=8) + DAY
    assert moment is not None
    assert nine_in_berlin <= moment <= nine_in_berlin + POLICY.jitter


@given(account_ids, facts() | ready_facts(), policies(), instants)
def test_a_plan_is_due_at_its_moment_or_once_the_night_is_over(
    account_id: str, account_facts: Facts, policy: Policy, now: datetime
) -> None:
    planned = plan(account_id, account_facts, policy)
    moment = due(account_id, planned, account_facts, policy, now)
    if planned.nudge and planned.nudge.at < now:
        assert moment is not None
        assert moment >= now
        assert not is_quiet(moment, account_facts.time_zone or policy.quiet_zone, policy)
    else:
        assert moment == planned.at


def test_sms_that_was_not_restored_waits_until_its_new_number_is_older() -> None:
    lost = make_facts(sms=SmsState.SUSPENDED, sms_since=START, phone_since=START - DAY)
    assert plan("an account", lost, POLICY).at == START, "the store refuses, and gives support a case"
    refused = replace(lost, stuck_since=START)
    planned = plan("an account", refused, POLICY)
    assert (planned.act, planned.at) == (JourneyAct.RESTORE_SMS, START - DAY + POLICY.sim_swap_window)


def test_a_number_that_was_old_enough_when_the_journey_got_stuck_gets_its_codes_back_at_once() -> None:
    old = START - POLICY.sim_swap_window
    lost = make_facts(sms=SmsState.NOTICE, sms_since=START, phone_since=old, stuck_since=START)
    assert plan("an account", lost, POLICY).at == START
