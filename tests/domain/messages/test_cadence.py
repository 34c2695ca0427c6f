"""Reminders come by day, with gaps, spread out, by a channel that reaches the person, and they end."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.facts import Channel, Facts, Milestone, Nudged
from domain.messages.cadence import PlannedNudge, jitter, next_nudge, out_of_quiet_hours
from domain.policy import NudgeStep, Policy
from tests.clocks import START
from tests.domain.nights import is_quiet
from tests.domain.strategies import account_ids, facts, instants, policies, zones
from tests.factories import make_facts, make_policy

DAY = timedelta(days=1)
EMAIL, PASSKEY = Milestone.EMAIL_VERIFIED, Milestone.PASSKEY_ENROLLED
SOON = NudgeStep(after=timedelta(), channel=Channel.EMAIL)
DAILY = tuple(NudgeStep(after=n * DAY, channel=Channel.EMAIL) for n in (1, 2, 3))
AWAKE = make_policy(quiet_from=time(0), quiet_until=time(0))
CALM = make_policy(
    invitation=SOON, cadence=DAILY, jitter=timedelta(), quiet_from=time(0), quiet_until=time(0)
)

CHANGES_OF_2026 = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}
AROUND_CHANGES = [(zone, day) for zone, days in CHANGES_OF_2026.items() for day in days]


def said(milestone: Milestone, times: int, last_at: datetime = START) -> tuple[Nudged, ...]:
    return (Nudged(milestone=milestone, times=times, last_at=last_at),)


def planned(account_facts: Facts, policy: Policy, milestone: Milestone = EMAIL) -> PlannedNudge:
    nudge = next_nudge("an account", milestone, account_facts, policy)
    assert nudge is not None
    return nudge


@given(account_ids, st.sampled_from(Milestone), facts(), policies())
def test_no_reminder_is_ever_planned_for_the_night(
    account_id: str, milestone: Milestone, account_facts: Facts, policy: Policy
) -> None:
    nudge = next_nudge(account_id, milestone, account_facts, policy)
    if nudge:
        assert not is_quiet(nudge.at, account_facts.time_zone or policy.quiet_zone, policy)


@given(instants, zones, policies())
def test_out_of_quiet_hours_is_calm_not_earlier_and_less_than_a_day_and_a_half_later(
    at: datetime, zone: str, policy: Policy
) -> None:
    moved = out_of_quiet_hours(at, zone, policy)
    assert not is_quiet(moved, zone, policy)
    assert timedelta() <= moved - at < timedelta(hours=36)
    if not is_quiet(at, zone, policy):
        assert moved == at


@given(instants, zones)
def test_nothing_waits_longer_than_the_night_lasts(at: datetime, zone: str) -> None:
    policy = make_policy(quiet_from=time(20), quiet_until=time(9))
    moved = out_of_quiet_hours(at, zone, policy)
    if moved > at:
        assert moved.astimezone(ZoneInfo(zone)).time() == time(9)
        assert is_quiet(moved - timedelta(minutes=1), zone, policy)


@pytest.mark.parametrize(("zone", "changes_on"), AROUND_CHANGES)
def test_nine_in_the_morning_stays_nine_over_a_change_of_the_clocks(zone: str, changes_on: date) -> None:
    policy = make_policy(quiet_from=time(20), quiet_until=time(9))
    evening = datetime.combine(changes_on - DAY, time(21, 30), ZoneInfo(zone)).astimezone(UTC)
    moved = out_of_quiet_hours(evening, zone, policy).astimezone(ZoneInfo(zone))
    assert moved.replace(tzinfo=None) == datetime.combine(changes_on, time(9))


@pytest.mark.parametrize(("zone", "changes_on"), AROUND_CHANGES)
@pytest.mark.parametrize(("asleep", "awake"), [(20, 9), (22, 3), (1, 4), (23, 2)])
def test_every_quarter_of_an_hour_around_a_change_of_the_clocks_is_moved_into_the_day(
    zone: str, changes_on: date, asleep: int, awake: int
) -> None:
    policy = make_policy(quiet_from=time(asleep), quiet_until=time(awake, 30 if awake < 9 else 0))
    begin = datetime.combine(changes_on - DAY, time(0), UTC)
    for quarter in range(3 * 96):
        at = begin + quarter * timedelta(minutes=15)
        moved = out_of_quiet_hours(at, zone, policy)
        assert moved >= at
        assert not is_quiet(moved, zone, policy)


@pytest.mark.parametrize(
    ("zone", "calm_at"),
    [
        ("Asia/Kathmandu", datetime(2026, 3, 3, 3, 15, tzinfo=UTC)),
        ("Australia/Eucla", datetime(2026, 3, 3, 0, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 3, 2, 19, 0, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 3, 2, 18, 0, tzinfo=UTC)),
        (None, datetime(2026, 3, 2, 18, 0, tzinfo=UTC)),
    ],
)
def test_the_night_is_the_persons_own_wherever_they_live(zone: str | None, calm_at: datetime) -> None:
    policy = make_policy(quiet_from=time(20), quiet_until=time(9), quiet_zone="Europe/Berlin")
    assert out_of_quiet_hours(datetime(2026, 3, 2, 18, 0, tzinfo=UTC), zone, policy) == calm_at


def test_a_policy_whose_night_begins_when_it_ends_has_no_quiet_hours() -> None:
    midnight = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert out_of_quiet_hours(midnight, "UTC", AWAKE) == midnight


def test_an_hour_of_rest_at_noon_is_quiet_too() -> None:
    siesta = make_policy(quiet_from=time(13), quiet_until=time(15))
    assert out_of_quiet_hours(START + timedelta(hours=2), "UTC", siesta) == START + timedelta(hours=3)
    assert out_of_quiet_hours(START, "UTC", siesta) == START


@given(account_ids, st.sampled_from(Milestone), facts(), policies())
def test_a_reminder_keeps_every_distance_it_owes(
    account_id: str, milestone: Milestone, account_facts: Facts, policy: Policy
) -> None:
    nudge = next_nudge(account_id, milestone, account_facts, policy)
    if nudge is None:
        return
    assert account_facts.progress_at is not None
    assert nudge.at >= account_facts.progress_at
    if account_facts.snoozed_until:
        assert nudge.at >= account_facts.snoozed_until
    if account_facts.capped_until:
        assert nudge.at >= account_facts.capped_until
    if account_facts.last_nudged_at:
        assert nudge.at >= account_facts.last_nudged_at + policy.least_gap


@given(account_ids, st.sampled_from(Milestone), facts(), policies())
def test_reminders_are_numbered_without_a_gap_and_go_where_somebody_is(
    account_id: str, milestone: Milestone, account_facts: Facts, policy: Policy
) -> None:
    nudge = next_nudge(account_id, milestone, account_facts, policy)
    if nudge:
        so_far = account_facts.nudged(milestone)
        assert nudge.ordinal == (so_far.times if so_far else 0) + 1
        assert nudge.milestone is milestone
        assert nudge.channel in account_facts.channels


@given(account_ids, st.sampled_from(Milestone), facts(), policies())
def test_the_same_facts_plan_the_same_reminder(
    account_id: str, milestone: Milestone, account_facts: Facts, policy: Policy
) -> None:
    once = next_nudge(account_id, milestone, account_facts, policy)
    assert next_nudge(account_id, milestone, account_facts, policy) == once


@given(account_ids, policies())
def test_jitter_is_the_accounts_own_stable_and_less_than_the_policys(account_id: str, policy: Policy) -> None:
    own = jitter(account_id, policy)
    assert own == jitter(account_id, policy)
    assert timedelta() <= own <= policy.jitter


def test_jitter_spreads_accounts_over_the_whole_of_it() -> None:
    policy = make_policy(jitter=timedelta(minutes=60))
    minutes = [int(jitter(f"account {n}", policy) / timedelta(minutes=1)) for n in range(6000)]
    assert all(50 < minutes.count(minute) < 160 for minute in range(60))


def test_the_journey_begins_with_the_invitation_and_goes_on_with_the_reminders() -> None:
    assert planned(make_facts(), CALM).at == START
    for times, step in enumerate(DAILY, start=1):
        account_facts = make_facts(nudges=said(EMAIL, times, START - 10 * DAY))
        assert planned(account_facts, CALM).at == START + step.after


@pytest.mark.parametrize("missed", [1, 2, 3])
def test_a_reminder_that_did_not_arrive_is_made_up_for_and_keeps_a_key_of_its_own(missed: int) -> None:
    heard = Nudged(milestone=EMAIL, times=1 + missed, missed=missed, last_at=START)
    nudge = planned(make_facts(nudges=(heard,)), CALM)
    assert nudge.ordinal == 2 + missed
    assert nudge.at == START + DAILY[0].after


def test_a_reminder_that_did_not_arrive_keeps_nobody_waiting_for_the_next() -> None:
    lost = Nudged(milestone=EMAIL, times=1, missed=1, last_at=None)
    nudge = planned(make_facts(nudges=(lost,), channels=(Channel.SMS,)), CALM)
    assert (nudge.ordinal, nudge.channel, nudge.at) == (2, Channel.SMS, START)


def test_a_capped_reminder_comes_when_the_cap_frees_or_when_its_night_is_over() -> None:
    free_at = START + 2 * DAY
    assert planned(make_facts(capped_until=free_at), CALM).at == free_at
    assert planned(make_facts(capped_until=START - DAY), CALM).at == START
    calm = replace(CALM, quiet_from=time(11), quiet_until=time(18))
    assert planned(make_facts(capped_until=free_at), calm).at == free_at.replace(hour=18)


def test_who_has_been_invited_to_one_milestone_is_not_invited_again_at_the_next() -> None:
    account_facts = make_facts(nudges=said(EMAIL, 1, START - 10 * DAY))
    first = planned(account_facts, CALM, PASSKEY)
    assert (first.ordinal, first.at) == (1, START + DAILY[0].after)


@given(st.integers(0, 10), st.booleans())
def test_reminders_are_used_up_after_the_last_step(times: int, moved_on: bool) -> None:
    assume(times or not moved_on)
    account_facts = make_facts(nudges=said(PASSKEY, times) if times else ())
    if moved_on:
        account_facts = make_facts(nudges=said(EMAIL, 1) + said(PASSKEY, times))
    steps = len(DAILY) + (0 if moved_on else 1)
    nudge = next_nudge("an account", PASSKEY, account_facts, CALM)
    assert (nudge is not None) is (times < steps)


@pytest.mark.parametrize(
    ("wanted", "present", "taken"),
    [
        (Channel.SMS, (Channel.EMAIL, Channel.SMS), Channel.SMS),
        (Channel.EMAIL, (Channel.EMAIL, Channel.SMS), Channel.EMAIL),
        (Channel.SMS, (Channel.EMAIL,), Channel.EMAIL),
        (Channel.EMAIL, (Channel.SMS,), Channel.SMS),
    ],
)
def test_a_channel_that_does_not_reach_the_person_gives_way_to_one_that_does(
    wanted: Channel, present: tuple[Channel, ...], taken: Channel
) -> None:
    policy = make_policy(invitation=NudgeStep(after=timedelta(), channel=wanted))
    assert planned(make_facts(channels=present), policy).channel is taken


def test_whom_no_channel_reaches_nobody_reminds() -> None:
    assert next_nudge("an account", EMAIL, make_facts(channels=()), CALM) is None


def test_before_the_journey_has_begun_nobody_is_reminded() -> None:
    assert next_nudge("an account", EMAIL, make_facts(progress_at=None), CALM) is None
