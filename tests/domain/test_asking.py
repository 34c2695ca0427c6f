"""When the host is asked, when again, and when that is of no use any more."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.asking import (
    OTHER_REASON,
    answer_due_at,
    is_silent,
    refusal_code,
    refusal_stands,
    wait_for_answer,
)
from domain.facts import Facts, HostChange, SmsState
from domain.journey import JourneyAct, StuckReason, plan
from domain.presets import FAST
from domain.stuck_reasons import stuck_reason
from tests.clocks import START
from tests.factories import make_policy, make_ready_facts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTICE_OVER = START + 3 * DAY
POLICY = make_policy(host_confirms=True, notice=2 * DAY)


def under_notice(**changes: Any) -> Facts:
    noticed = {"sms": SmsState.NOTICE, "sms_since": START, "noticed_at": START}
    return make_ready_facts(**(noticed | changes))


def suspended(**changes: Any) -> Facts:
    return make_ready_facts(**({"sms": SmsState.SUSPENDED, "sms_since": START} | changes))


def asked(change: HostChange, times: int = 1, **changes: Any) -> dict[str, Any]:
    """What facts say of an open request that was asked last when the notice was over."""
    request = {"host_asked": change, "host_asked_since": NOTICE_OVER, "host_asked_at": NOTICE_OVER}
    return request | {"host_asked_times": times} | changes


def next_act(facts: Facts) -> tuple[JourneyAct | None, datetime | None]:
    next_plan = plan("account", facts, POLICY)
    return next_plan.act, next_plan.at


@pytest.mark.parametrize("facts", [under_notice(), suspended()])
def test_the_host_is_asked_when_codes_would_end_without_its_word(facts: Facts) -> None:
    without_word = plan("account", facts, make_policy(notice=2 * DAY))
    assert without_word.act in (JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS)
    assert next_act(facts) == (JourneyAct.ASK_HOST, without_word.at)


def test_it_is_asked_again_after_longer_and_longer_waits_and_then_reported() -> None:
    ends = [next_act(under_notice(**asked(HostChange.SUSPEND, times))) for times in (1, 2, 3, 4)]
    hours = [(at - NOTICE_OVER) / timedelta(hours=1) for _, at in ends if at]
    assert hours == [1, 6, 24, 24]
    assert [act for act, _ in ends] == [*[JourneyAct.ASK_HOST] * 3, JourneyAct.REPORT_STUCK]
    silent = under_notice(**asked(HostChange.SUSPEND, 4))
    assert stuck_reason("account", silent, POLICY) is StuckReason.HOST_SILENT


def test_a_restore_is_asked_for_soonest_and_for_ever() -> None:
    waits = [wait_for_answer(HostChange.RESTORE, times=times, policy=POLICY) for times in (1, 2, 3, 4, 400)]
    assert [wait / timedelta(minutes=1) for wait in waits] == [1, 5, 15, 60, 60]
    restoring = make_ready_facts(**asked(HostChange.RESTORE, 400), stuck_since=NOTICE_OVER)
    assert next_act(restoring) == (JourneyAct.ASK_FOR_RESTORE, NOTICE_OVER + timedelta(hours=1))


@pytest.mark.parametrize(
    "held", [{"held_since": START}, {"disputed_since": START}, {"rests_until": START + 99 * DAY}]
)
def test_nothing_keeps_a_restore_from_being_asked_for(held: dict[str, Any]) -> None:
    restoring = make_ready_facts(**asked(HostChange.RESTORE), **held)
    assert next_act(restoring) == (JourneyAct.ASK_FOR_RESTORE, NOTICE_OVER + timedelta(minutes=1))


@pytest.mark.parametrize("held", [{"held_since": START}, {"rests_until": START + 99 * DAY}])
def test_what_the_host_has_done_is_followed_whatever_holds_the_journey(held: dict[str, Any]) -> None:
    confirmed = asked(HostChange.SUSPEND, host_confirmed_at=NOTICE_OVER)
    assert next_act(under_notice(**confirmed, **held)) == (JourneyAct.SUSPEND_SMS, NOTICE_OVER)


def test_a_proof_that_is_lost_brings_codes_back_even_if_the_host_has_ended_them() -> None:
    confirmed = asked(HostChange.REMOVE, host_confirmed_at=NOTICE_OVER)
    assert next_act(suspended(**confirmed, proven_passkeys=0))[0] is JourneyAct.RESTORE_SMS


def test_a_policy_that_does_not_ask_the_host_follows_it_nowhere() -> None:
    reopened = suspended(host_reopened=True)
    assert next_act(reopened)[0] is JourneyAct.RESTORE_SMS
    assert plan("account", reopened, make_policy()).act is JourneyAct.REMOVE_SMS


def test_a_refusal_stands_until_the_person_moves() -> None:
    refused = {"host_refused": HostChange.SUSPEND, "host_refused_at": NOTICE_OVER}
    facts = make_ready_facts(**refused)
    assert refusal_stands(facts, HostChange.SUSPEND)
    assert not refusal_stands(facts, HostChange.REMOVE)
    assert next_act(facts) == (JourneyAct.REPORT_STUCK, NOTICE_OVER)
    assert next_act(make_ready_facts(**refused, stuck_since=NOTICE_OVER)) == (None, None)
    moved = make_ready_facts(**refused, progress_at=NOTICE_OVER + DAY)
    assert not refusal_stands(moved, HostChange.SUSPEND)
    assert next_act(moved)[0] is JourneyAct.GIVE_NOTICE


def test_what_support_wants_asked_again_is_due_at_once() -> None:
    anew = under_notice(**asked(HostChange.SUSPEND, 0))
    assert answer_due_at(anew, POLICY) == NOTICE_OVER
    assert not is_silent(anew)


def test_where_days_are_seconds_the_host_has_seconds() -> None:
    assert wait_for_answer(HostChange.SUSPEND, times=1, policy=FAST) == FAST.notice


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no_other_method", "no_other_method"),
        (None, OTHER_REASON),
        ("", OTHER_REASON),
        ("ada@example.org", OTHER_REASON),
        ("+49 151 2345678", OTHER_REASON),
        ("a" * 41, OTHER_REASON),
    ],
)
def test_only_a_code_is_kept_of_a_reason(said: str | None, kept: str) -> None:
    assert refusal_code(said) == kept


@pytest.mark.parametrize("left_out", ["host_asked", "host_asked_at"])
def test_no_answer_is_due_where_nothing_was_asked(left_out: str) -> None:
    assert answer_due_at(under_notice(**asked(HostChange.SUSPEND)), POLICY) == NOTICE_OVER + HOUR
    assert answer_due_at(under_notice(**asked(HostChange.SUSPEND) | {left_out: None}), POLICY) is None


def test_support_wants_it_asked_again_at_once() -> None:
    assert answer_due_at(under_notice(**asked(HostChange.SUSPEND, times=0)), POLICY) == NOTICE_OVER
