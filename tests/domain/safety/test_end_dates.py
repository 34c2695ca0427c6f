"""The end date: whose codes it ends, and when people are told and reminded of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.facts import Channel, Facts, Milestone, Nudged, SmsState
from domain.journey import JourneyAct, due, plan
from domain.messages.cadence import has_ended, last_reminder, own_day
from domain.policy import InvalidPolicy, Policy
from domain.prompts import Skips, skips, step_to_ask
from domain.safety.end_dates import EndDate, named_end
from domain.stuck_reasons import stuck_reason
from tests.clocks import START
from tests.domain.nights import is_quiet
from tests.factories import make_facts, make_policy, make_ready_facts

DAY = timedelta(days=1)
END = START + 100 * DAY
POLICY = make_policy(end=EndDate(at=END), jitter=timedelta(), cadence=(), patience=10 * DAY)
EMAIL = Milestone.EMAIL_VERIFIED


def nudged_at(at: datetime, times: int = 1, **changes: object) -> Facts:
    nudges = (Nudged(milestone=EMAIL, times=times, last_at=at),)
    return make_facts(nudges=nudges, told_end_at=END, told_end_since=START, **changes)


def reminders(account_facts: Facts, policy: Policy = POLICY) -> list[datetime]:
    """When the reminders come that are counted back from the end, if each goes out as it is planned."""
    moments: list[datetime] = []
    while planned := last_reminder("an account", EMAIL, account_facts, policy):
        assert planned.ordinal == len(moments) + 2
        moments.append(planned.at)
        sent = Nudged(milestone=EMAIL, times=planned.ordinal, last_at=planned.at)
        account_facts = replace(account_facts, nudges=(sent,))
    return moments


@pytest.mark.parametrize("exempt_for", [None, -DAY, DAY])
@pytest.mark.parametrize("since", [-timedelta(seconds=1), timedelta(), timedelta(hours=23), DAY])
def test_codes_end_on_the_day_unless_somebody_is_exempt(
    since: timedelta, exempt_for: timedelta | None
) -> None:
    exempt_until = None if exempt_for is None else END + exempt_for
    named = named_end(EndDate(at=END), exempt_until=exempt_until)
    account_facts = make_facts(exempt_until=exempt_until, told_end_at=named, told_end_since=START)
    wait = max(exempt_for or timedelta(), timedelta())
    assert has_ended(account_facts, POLICY, END + since) is (since >= wait)


def test_without_an_end_date_codes_never_end_by_themselves() -> None:
    assert named_end(None, exempt_until=END) is None
    assert not has_ended(make_facts(told_end_at=END, told_end_since=START), make_policy(), END + 1000 * DAY)


def test_whoever_was_not_told_is_not_struck_and_whoever_was_told_late_has_the_notice_all_the_same() -> None:
    assert not has_ended(make_facts(), POLICY, END + 1000 * DAY)
    late = make_facts(told_end_at=END, told_end_since=END - DAY)
    assert not has_ended(late, POLICY, END - DAY + POLICY.notice - timedelta(seconds=1))
    assert has_ended(late, POLICY, END - DAY + POLICY.notice)
    assert own_day(late, POLICY) == (END - DAY + POLICY.notice).date()


def test_a_nearer_day_holds_once_it_was_told_and_until_then_the_one_that_was() -> None:
    told_later = make_facts(told_end_at=END + 30 * DAY, told_end_since=START)
    assert not has_ended(told_later, POLICY, END + 30 * DAY - timedelta(seconds=1))
    assert has_ended(told_later, POLICY, END + 30 * DAY)


def test_people_are_reminded_30_14_7_3_and_1_days_before_the_end_although_the_cadence_is_over() -> None:
    days_before = [END - at for at in reminders(nudged_at(START))]
    assert days_before == [30 * DAY, 14 * DAY, 7 * DAY, 3 * DAY, DAY]


def test_a_reminder_that_was_held_up_beyond_the_next_one_goes_out_once() -> None:
    capped = nudged_at(END - 31 * DAY, capped_until=END - 10 * DAY)
    assert [END - at for at in reminders(capped)] == [10 * DAY, 7 * DAY, 3 * DAY, DAY]


def test_no_reminder_comes_on_the_day_itself_or_later() -> None:
    assert reminders(nudged_at(END - 8 * DAY, capped_until=END)) == []
    assert reminders(nudged_at(END + DAY)) == []


def test_putting_it_off_does_not_put_off_the_last_reminders() -> None:
    assert reminders(nudged_at(END - 4 * DAY, snoozed_until=END + 5 * DAY)) == [END - 3 * DAY, END - DAY]


def test_the_last_reminders_leave_a_gap_behind_another_reminder_and_the_night_alone() -> None:
    policy = replace(POLICY, least_gap=2 * DAY)
    first, *_ = reminders(nudged_at(END - 14 * DAY - timedelta(hours=1)), policy)
    assert first == END - 12 * DAY - timedelta(hours=1)
    in_the_night = EndDate(at=END.replace(hour=2))
    for at in reminders(nudged_at(START), replace(POLICY, end=in_the_night)):
        assert not is_quiet(at, "UTC", policy)


def test_a_policy_says_when_the_last_reminders_come_and_may_have_none() -> None:
    policy = replace(POLICY, last_reminders=(timedelta(hours=48), 5 * DAY))
    assert [END - at for at in reminders(nudged_at(START), policy)] == [5 * DAY, 2 * DAY]
    assert reminders(nudged_at(START), replace(POLICY, last_reminders=())) == []
    with pytest.raises(InvalidPolicy, match="last_reminders"):
        make_policy(last_reminders=(timedelta(),))


def test_a_journey_is_reported_as_stuck_before_the_last_reminders_which_come_all_the_same() -> None:
    told = nudged_at(START)
    stuck_plan = plan("an account", told, POLICY)
    assert (stuck_plan.act, stuck_plan.at) == (JourneyAct.REPORT_STUCK, START + 10 * DAY)
    assert stuck_reason("an account", told, POLICY)
    reported = replace(told, stuck_since=START + 10 * DAY)
    reminding = plan("an account", reported, POLICY)
    assert (reminding.act, reminding.at) == (JourneyAct.NUDGE, END - 30 * DAY)


def test_the_invitation_says_the_end_date_so_nothing_is_sent_beside_it() -> None:
    assert plan("an account", make_facts(), POLICY).act is JourneyAct.NUDGE


@pytest.mark.parametrize(
    "known",
    [
        make_facts(nudges=(Nudged(milestone=EMAIL, times=1, last_at=START),)),
        make_facts(channels=()),
        make_ready_facts(),
        make_facts(told_end_at=END + DAY),
        make_facts(told_end_at=END, rests_until=END + DAY, exempt_until=END + DAY),
    ],
    ids=["begun before", "no invitation reaches them", "all is set up", "moved", "exempt beyond it"],
)
def test_whoever_was_told_another_end_date_or_none_is_told(known: Facts) -> None:
    telling = plan("an account", known, POLICY)
    assert telling.act is JourneyAct.TELL_END
    night = START.replace(hour=3) + DAY
    at = due("an account", telling, known, POLICY, night)
    assert at
    assert at >= night.replace(hour=9)


def test_an_end_date_that_is_lifted_is_told_too_and_one_that_is_told_is_not_told_again() -> None:
    told = nudged_at(START)
    assert plan("an account", told, replace(POLICY, end=None)).act is JourneyAct.TELL_END
    assert plan("an account", told, POLICY).act is not JourneyAct.TELL_END


@pytest.mark.parametrize("changes", [{"held_since": START}, {"disputed_since": START}])
def test_nobody_is_told_while_a_journey_is_held_or_in_dispute(changes: dict[str, datetime]) -> None:
    assert plan("an account", make_facts(channels=(), **changes), POLICY).act is None


def test_an_end_date_means_nothing_once_codes_are_suspended() -> None:
    suspended = make_ready_facts(sms=SmsState.SUSPENDED, sms_since=START)
    assert plan("an account", suspended, POLICY) == plan("an account", suspended, replace(POLICY, end=None))


def test_the_day_is_said_by_the_persons_own_calendar() -> None:
    policy = make_policy(end=EndDate(at=datetime.fromisoformat("2027-02-01T00:00+01:00")))
    assert str(own_day(make_facts(time_zone="Europe/Berlin"), policy)) == "2027-02-01"
    assert str(own_day(make_facts(time_zone="America/New_York"), policy)) == "2027-01-31"
    assert own_day(make_facts(), make_policy()) is None


def test_from_the_end_date_on_the_prompt_comes_at_every_sign_in_and_cannot_be_put_off() -> None:
    told: dict[str, Any] = {"told_end_at": END, "told_end_since": START}
    put_off = make_facts(snoozed_until=END + 9 * DAY, **told)

    def asked(now: datetime, *, is_frozen: bool = False) -> Milestone | None:
        return step_to_ask(put_off, POLICY, on_journey=True, is_frozen=is_frozen, proven_today=False, now=now)

    before, after = END - timedelta(seconds=1), END
    assert (asked(before), asked(after), asked(after, is_frozen=True)) == (None, EMAIL, None)
    promised = Skips(allowed=9, until=END + 30 * DAY)
    for earlier in (None, promised):
        allowed = skips(make_facts(**told), POLICY, START, promised=earlier)
        assert (allowed.left(0, before) > 0, allowed.left(0, after)) == (True, 0)


def test_the_last_reminders_go_by_whatever_reaches_the_person() -> None:
    by_text = last_reminder("an account", EMAIL, nudged_at(START, channels=(Channel.SMS,)), POLICY)
    assert by_text
    assert by_text.channel is Channel.SMS
    assert last_reminder("an account", EMAIL, nudged_at(START, channels=()), POLICY) is None


def test_whoever_has_a_passkey_that_signs_in_is_left_alone_as_before() -> None:
    ready = make_facts(
        told_end_at=END, told_end_since=START, proven_passkeys=1, passkeys=1, snoozed_until=END + 9 * DAY
    )
    assert step_to_ask(ready, POLICY, on_journey=True, is_frozen=False, proven_today=False, now=END) is None
    assert skips(ready, POLICY, END).left(0, END) > 0
