"""The days of the notice run from when it went out, and not at all while the person has not been told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.facts import Channel, Facts, SmsState
from domain.journey import (
    JourneyAct,
    StuckReason,
    plan,
)
from domain.notices import HANDOVER, NOTICE_AGAIN_AFTER, notice_runs_from
from domain.stuck_reasons import stuck_reason
from tests.clocks import START
from tests.factories import make_policy, make_ready_facts

DAY = timedelta(days=1)
POLICY = make_policy()


def noticed(**changes: Any) -> Facts:
    """Somebody whose notice of the end of SMS was given at the start."""
    return make_ready_facts(**({"sms": SmsState.NOTICE, "sms_since": START} | changes))


def test_the_days_of_the_notice_run_from_when_it_was_given_if_it_went_out_in_the_same_minute() -> None:
    facts = noticed(noticed_at=START + HANDOVER)
    assert notice_runs_from(facts) == START
    assert plan("an account", facts, POLICY).at == START + POLICY.notice


def test_a_notice_that_went_out_late_leaves_as_many_days_as_any_other() -> None:
    facts = noticed(noticed_at=START + 2 * DAY)
    assert notice_runs_from(facts) == START + 2 * DAY - HANDOVER
    planned = plan("an account", facts, POLICY)
    assert (planned.act, planned.at) == (JourneyAct.SUSPEND_SMS, START + 2 * DAY - HANDOVER + POLICY.notice)


@pytest.mark.parametrize(
    "facts", [make_ready_facts(), noticed(), noticed(notice_missed=True, noticed_at=START)]
)
def test_the_days_of_a_notice_that_has_not_gone_out_do_not_run(facts: Facts) -> None:
    assert notice_runs_from(facts) is None


def test_a_notice_that_came_by_no_channel_is_given_again_a_day_later() -> None:
    planned = plan("an account", noticed(notice_missed=True), POLICY)
    assert (planned.act, planned.at) == (JourneyAct.GIVE_NOTICE, START + NOTICE_AGAIN_AFTER)


def test_a_notice_that_can_come_by_no_channel_is_reported_once_and_then_waits_for_one() -> None:
    lost = noticed(notice_missed=True, channels=())
    planned = plan("an account", lost, POLICY)
    assert (planned.act, planned.at) == (JourneyAct.REPORT_STUCK, START)
    reported = replace(lost, stuck_since=START)
    assert plan("an account", reported, POLICY).act is None
    reachable = replace(reported, channels=(Channel.EMAIL,))
    assert plan("an account", reachable, POLICY).act is JourneyAct.GIVE_NOTICE


def test_who_cannot_be_given_notice_is_stuck_for_that_reason_and_nobody_else_is() -> None:
    missed = noticed(notice_missed=True)
    assert stuck_reason("an account", missed, POLICY) is None
    lost = replace(missed, channels=())
    assert stuck_reason("an account", lost, POLICY) is StuckReason.NOTICE_MISSED
