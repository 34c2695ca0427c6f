"""Why a journey that acts no more by itself does not get on."""

from domain.asking import is_silent, refusal_stands
from domain.facts import Facts, HostChange
from domain.journey import StuckReason
from domain.messages.cadence import next_nudge
from domain.milestones import next_milestone
from domain.policy import Policy


def stuck_reason(account_id: str, facts: Facts, policy: Policy) -> StuckReason | None:
    """Why reminders no longer help; None while a reminder is still to come, or none is needed."""
    if any(refusal_stands(facts, change) for change in HostChange):
        return StuckReason.HOST_REFUSED
    if is_silent(facts):
        return StuckReason.HOST_SILENT
    milestone = next_milestone(facts, policy)
    if milestone is None:
        return StuckReason.NOTICE_MISSED if facts.notice_missed and not facts.channels else None
    if next_nudge(account_id, milestone, facts, policy):
        return None
    return StuckReason.NUDGES_USED_UP if facts.channels else StuckReason.UNREACHABLE
