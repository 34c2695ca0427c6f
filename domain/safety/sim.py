"""Whether a SIM was swapped around the time at which a passkey was bound by text message, and when to ask.

A look-up costs money, so it is made once for each binding: when the passkey would count but for the SIM.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.facts import Facts
from domain.policy import Policy, UnknownSim


class SimAnswer(StrEnum):
    """What a look-up says about one binding. `unknown` is never clear."""

    CLEAR = "clear"
    RECENT = "recent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class SimReport:
    """What a provider tells of a phone number's SIM.

    `changed_at` is when the SIM was last changed, if the carrier tells that. Other carriers tell only whether it
    `changed_within` the last `period`. `reason` is a short word for the journal on why nothing was told.
    """

    changed_at: datetime | None = None
    changed_within: bool | None = None
    period: timedelta | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SimFinding:
    """An answer about one binding; `changed_at` is when the SIM was changed, or the latest moment it may have been."""

    answer: SimAnswer
    changed_at: datetime | None = None
    reason: str = ""


def sim_check_due_at(facts: Facts, policy: Policy) -> datetime | None:
    """When to look up the SIM: when the cooling-off of a passkey that is rooted in SMS ends. None: not at all.

    The host's own look-up after the binding spares the question.
    """
    rooted_at = facts.passkey_rooted_in_sms_at
    if rooted_at is None:
        return None
    is_answered = any(at and at >= rooted_at for at in (facts.sim_checked_at, facts.sim_asked_at))
    return None if is_answered else rooted_at + policy.cooling_off


def judge(report: SimReport, policy: Policy, *, rooted_at: datetime, now: datetime) -> SimFinding:
    """What a report says about a passkey that was bound by text message at `rooted_at`.

    A swap counts that happened less than `policy.sim_swap_window` before the binding, or since. So a carrier that
    looks back for less than that cannot clear the SIM.
    """
    doubtful_from = rooted_at - policy.sim_swap_window
    if report.changed_at:
        answer = SimAnswer.RECENT if report.changed_at >= doubtful_from else SimAnswer.CLEAR
        return SimFinding(answer=answer, changed_at=report.changed_at)
    if report.changed_within is None:
        return SimFinding(answer=SimAnswer.UNKNOWN, reason=report.reason)
    if report.changed_within:
        return SimFinding(answer=SimAnswer.RECENT, changed_at=now)
    if report.period and now - report.period <= doubtful_from:
        return SimFinding(answer=SimAnswer.CLEAR)
    return SimFinding(answer=SimAnswer.UNKNOWN, reason="period_too_short")


def sim_is_clear(facts: Facts, policy: Policy) -> bool:
    """Whether somebody has said, since the passkey was bound, that its SIM had not changed. Unknown is never clear."""
    rooted_at = facts.passkey_rooted_in_sms_at
    if rooted_at is None:
        return True
    if facts.sim_checked_at is None or facts.sim_checked_at < rooted_at:
        return False
    return facts.sim_changed_at is None or facts.sim_changed_at + policy.sim_swap_window < rooted_at


def sim_in_doubt(rooted_at: datetime, facts: Facts, policy: Policy) -> bool:
    """Whether the SIM may not have been its owner's when a passkey was bound by its codes, as far as is known."""
    if facts.sim_checked_at is None or facts.sim_checked_at < rooted_at:
        return policy.unknown_sim is UnknownSim.HOLD
    return facts.sim_changed_at is not None and facts.sim_changed_at + policy.sim_swap_window >= rooted_at
