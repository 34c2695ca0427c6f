"""When the carrier is asked about a SIM, and what its answer says about one passkey."""

from datetime import timedelta

import pytest

from domain.facts import SmsState
from domain.journey import JourneyAct, passkey_counts_from, plan
from domain.policy import UnknownSim
from domain.safety.sim import SimAnswer, SimReport, judge, sim_check_due_at
from tests.clocks import START
from tests.factories import make_policy, make_ready_facts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
POLICY = make_policy(cooling_off=3 * DAY, sim_swap_window=7 * DAY, notice=7 * DAY)
NOW = START + POLICY.cooling_off


def answer_to(report: SimReport) -> SimAnswer:
    return judge(report, POLICY, rooted_at=START, now=NOW).answer


@pytest.mark.parametrize(
    ("changed_at", "answer"),
    [
        (START - 365 * DAY, SimAnswer.CLEAR),
        (START - 7 * DAY - HOUR, SimAnswer.CLEAR),
        (START - 7 * DAY, SimAnswer.RECENT),
        (START - HOUR, SimAnswer.RECENT),
        (START + HOUR, SimAnswer.RECENT),
    ],
)
def test_a_day_within_the_window_before_the_binding_or_since_is_recent(
    changed_at: object, answer: SimAnswer
) -> None:
    assert answer_to(SimReport(changed_at=changed_at)) is answer  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "period", "answer"),
    [
        (True, 2 * DAY, SimAnswer.RECENT),
        (True, None, SimAnswer.RECENT),
        (False, 10 * DAY, SimAnswer.CLEAR),
        (False, 10 * DAY - HOUR, SimAnswer.UNKNOWN),
        (False, 2 * DAY, SimAnswer.UNKNOWN),
        (False, None, SimAnswer.UNKNOWN),
        (None, 30 * DAY, SimAnswer.UNKNOWN),
    ],
)
def test_a_carrier_that_looks_back_for_too_short_a_time_clears_nothing(
    changed: bool | None, period: timedelta | None, answer: SimAnswer
) -> None:
    assert answer_to(SimReport(changed_within=changed, period=period)) is answer


def test_a_recent_change_without_a_day_may_have_been_a_moment_ago() -> None:
    finding = judge(SimReport(changed_within=True, period=DAY), POLICY, rooted_at=START, now=NOW)
    assert finding.changed_at == NOW


def test_the_carrier_is_asked_when_the_cooling_off_of_a_passkey_rooted_in_sms_ends() -> None:
    assert sim_check_due_at(make_ready_facts(passkey_rooted_in_sms_at=START), POLICY) == NOW


def test_nobody_asks_about_a_passkey_that_owes_nothing_to_a_text_message() -> None:
    assert sim_check_due_at(make_ready_facts(), POLICY) is None


@pytest.mark.parametrize("field", ["sim_asked_at", "sim_checked_at"])
def test_nobody_asks_twice_about_one_passkey_but_about_a_later_one(field: str) -> None:
    asked = make_ready_facts(passkey_rooted_in_sms_at=START, **{field: START + HOUR})
    assert sim_check_due_at(asked, POLICY) is None
    later = make_ready_facts(passkey_rooted_in_sms_at=START + DAY, **{field: START + HOUR})
    assert sim_check_due_at(later, POLICY) == START + DAY + POLICY.cooling_off


@pytest.mark.parametrize("unknown_sim", UnknownSim)
def test_the_journey_asks_before_it_suspends(unknown_sim: UnknownSim) -> None:
    policy = make_policy(cooling_off=3 * DAY, notice=DAY, unknown_sim=unknown_sim)
    noticed = make_ready_facts(
        sms=SmsState.NOTICE, sms_since=START, noticed_at=START, passkey_rooted_in_sms_at=START
    )
    planned = plan("account", noticed, policy)
    assert (planned.act, planned.at) == (JourneyAct.CHECK_SIM, START + 3 * DAY)


def test_a_journey_whose_milestones_are_missing_asks_nothing() -> None:
    unready = make_ready_facts(passkey_rooted_in_sms_at=START, email_verified_at=None)
    assert plan("account", unready, POLICY).act is JourneyAct.NUDGE


def test_a_recent_swap_makes_the_passkey_wait_for_the_window() -> None:
    swapped = make_ready_facts(
        passkey_rooted_in_sms_at=START, sim_asked_at=NOW, sim_checked_at=NOW, sim_changed_at=START - DAY
    )
    assert passkey_counts_from(swapped, POLICY) == START + POLICY.sim_swap_window
