"""The day on which text-message codes end is told if it is sure to come, and not before it can be."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.facts import Facts, SmsState
from domain.journey import JourneyAct, Plan, removal_due_at, suspension_due_at
from domain.presets import STANDARD
from domain.safety.end_of_codes import EndOfCodes, Halt, end_of_codes
from tests.clocks import START

DAY = timedelta(days=1)
NOW = START + 30 * DAY
DUE = NOW + 5 * DAY
IN_NOTICE = Facts(sms=SmsState.NOTICE, sms_since=NOW)
SUSPENDED = Facts(sms=SmsState.SUSPENDED, sms_since=NOW)
NO_HALT = Halt()


def told(
    facts: Facts, act: JourneyAct | None, halt: Halt = NO_HALT, *, at: datetime | None = DUE
) -> EndOfCodes:
    return end_of_codes(Plan(act=act, at=at), facts, STANDARD, halt, NOW)


@pytest.mark.parametrize(
    ("facts", "act"), [(IN_NOTICE, JourneyAct.SUSPEND_SMS), (SUSPENDED, JourneyAct.REMOVE_SMS)]
)
def test_the_day_that_the_journey_plans_is_sure(facts: Facts, act: JourneyAct) -> None:
    assert told(facts, act) == EndOfCodes(at=DUE, is_certain=True)
    assert told(replace(facts, rests_until=NOW), act) == EndOfCodes(at=DUE, is_certain=True)


@pytest.mark.parametrize("halt", [Halt(is_frozen=True), Halt(is_retiring_stopped=True)])
def test_what_halts_the_journey_makes_the_day_uncertain(halt: Halt) -> None:
    assert not told(IN_NOTICE, JourneyAct.SUSPEND_SMS, halt).is_certain
    assert not told(SUSPENDED, JourneyAct.REMOVE_SMS, halt).is_certain


def test_a_rest_makes_the_day_uncertain_and_not_earlier() -> None:
    resting = replace(IN_NOTICE, rests_until=NOW + timedelta(seconds=1))
    assert told(resting, JourneyAct.SUSPEND_SMS) == EndOfCodes(
        at=suspension_due_at(resting, STANDARD), is_certain=False
    )


@pytest.mark.parametrize("act", [None, JourneyAct.RESTORE_SMS, JourneyAct.REMOVE_SMS])
def test_without_a_plan_to_suspend_nothing_ends_before_the_notice_is_over(act: JourneyAct | None) -> None:
    assert told(IN_NOTICE, act) == EndOfCodes(at=suspension_due_at(IN_NOTICE, STANDARD), is_certain=False)


def test_what_somebody_was_told_counts_before_what_the_policy_says() -> None:
    promised = replace(IN_NOTICE, notice_until=NOW + 40 * DAY)
    assert told(promised, None) == EndOfCodes(at=NOW + 40 * DAY, is_certain=False)


def test_a_notice_that_nobody_got_ends_on_no_day() -> None:
    missed = replace(IN_NOTICE, notice_missed=True, notice_until=DUE)
    assert told(missed, None) == EndOfCodes(at=None, is_certain=False)


def test_without_a_plan_to_remove_nothing_ends_before_the_probation_is_over() -> None:
    assert told(SUSPENDED, None) == EndOfCodes(at=removal_due_at(SUSPENDED, STANDARD), is_certain=False)


def test_a_removal_is_due_for_codes_that_are_suspended_and_no_others() -> None:
    assert removal_due_at(SUSPENDED, STANDARD) is not None
    assert removal_due_at(replace(SUSPENDED, sms=SmsState.NOTICE), STANDARD) is None
    assert removal_due_at(replace(SUSPENDED, sms_since=None), STANDARD) is None


def test_a_day_that_is_over_is_not_told() -> None:
    assert told(IN_NOTICE, JourneyAct.SUSPEND_SMS, at=NOW) == EndOfCodes(at=None, is_certain=True)


def test_where_codes_are_on_an_act_that_is_none_ends_nothing_for_certain() -> None:
    assert not told(Facts(sms=SmsState.ON), None, at=None).is_certain
    assert not told(Facts(sms=SmsState.REMOVED), None, at=None).is_certain


@pytest.mark.parametrize("act", JourneyAct)
def test_a_halt_stops_what_it_is_for_and_never_the_return_of_codes(act: JourneyAct) -> None:
    brings_back = act in (JourneyAct.RESTORE_SMS, JourneyAct.ASK_FOR_RESTORE)
    retires = act in (
        JourneyAct.GIVE_NOTICE,
        JourneyAct.ASK_HOST,
        JourneyAct.SUSPEND_SMS,
        JourneyAct.REMOVE_SMS,
    )
    assert Halt(is_frozen=True).stops(act) == (not brings_back)
    assert Halt(is_retiring_stopped=True).stops(act) == retires
    assert Halt(is_nudging_stopped=True).stops(act) == (act is JourneyAct.NUDGE)
    assert not NO_HALT.stops(act)


def test_a_halt_has_nothing_to_stop_where_nothing_is_done() -> None:
    assert not Halt(is_frozen=True, is_retiring_stopped=True).stops(None)
