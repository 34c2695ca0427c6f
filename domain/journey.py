"""What a journey does next, and when: the one rule that both the workflow and every page that explains it ask."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import NotSafeYet
from domain.facts import Facts, Milestone, SmsState
from domain.messages.cadence import PlannedNudge, calm_moment, next_nudge
from domain.milestones import missing, next_milestone, second_routes
from domain.policy import Policy, UnknownSim


class JourneyAct(StrEnum):
    """Everything that a journey does of its own accord."""

    NUDGE = "nudge"
    REPORT_STUCK = "report_stuck"
    GIVE_NOTICE = "give_notice"
    SUSPEND_SMS = "suspend_sms"
    RESTORE_SMS = "restore_sms"
    REMOVE_SMS = "remove_sms"


class StuckReason(StrEnum):
    """Why a journey does not get on."""

    NUDGES_USED_UP = "nudges_used_up"
    UNREACHABLE = "unreachable"
    NOTICE_MISSED = "notice_missed"


NOTICE_AGAIN_AFTER = timedelta(days=1)
"""How long after a notice that came by no channel it is given again, if one works by then; a shorter notice, sooner."""

HANDOVER = timedelta(minutes=1)
"""What a notice's way to the provider may take without its days beginning later."""


class JourneyOutcome(StrEnum):
    """How a journey ended."""

    MIGRATED = "migrated"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The next act and its moment, unless the facts change before; None: only new facts lead on."""

    act: JourneyAct | None
    at: datetime | None = None
    nudge: PlannedNudge | None = None


@dataclass(frozen=True, kw_only=True)
class OffProof:
    """Evidence that an account signs in without SMS: what met each milestone, and since when the passkey counts."""

    email_verified_at: datetime
    proven_passkeys: int
    passkey_days: int
    passkey_counts_from: datetime
    second_routes: tuple[str, ...]
    policy: str
    facts_version: int


def plan(account_id: str, facts: Facts, policy: Policy) -> Plan:
    """What this journey does next if nothing else happens."""
    if facts.sms is SmsState.REMOVED:
        return Plan(act=None)
    milestone = next_milestone(facts, policy)
    if (milestone is not None or facts.disputed_since) and (withdrawal := _withdraw(facts)):
        return withdrawal
    if facts.held_since or facts.disputed_since:
        return Plan(act=None)
    planned = _reach(account_id, milestone, facts, policy) if milestone else _retire(facts, policy)
    return _put_off(planned, facts)


def deadline(facts: Facts, policy: Policy) -> datetime | None:
    """When patience, notice or probation ends by the policy alone; None while nothing runs."""
    if next_milestone(facts, policy) is None:
        return _retire(facts, policy).at
    return _patience_ends(facts, policy, progress_at=facts.progress_at) if facts.progress_at else None


def due(account_id: str, planned: Plan, facts: Facts, policy: Policy, now: datetime) -> datetime | None:
    """When to act on a plan, seen from `now`.

    A reminder whose moment was missed, because nobody was at work or the facts have only now made it possible, is
    not made up for in the person's night.
    """
    if planned.nudge is None or planned.nudge.at >= now:
        return planned.at
    return calm_moment(account_id, now, facts, policy)


def off_proof(facts: Facts, policy: Policy, now: datetime) -> OffProof:
    """The evidence that SMS may go.

    Raises NotSafeYet: a milestone is missing, or the passkey is still in its cooling-off.
    """
    lacking: list[str] = [*missing(facts, policy)]
    counts_from = passkey_counts_from(facts, policy)
    if counts_from is None or counts_from > now:
        lacking.append("cooling_off")
    if facts.disputed_since:
        lacking.append("objection")
    if lacking or facts.email_verified_at is None or counts_from is None:
        raise NotSafeYet(tuple(lacking))
    return OffProof(
        email_verified_at=facts.email_verified_at,
        proven_passkeys=facts.proven_passkeys,
        passkey_days=facts.passkey_days,
        passkey_counts_from=counts_from,
        second_routes=tuple(second_routes(facts, policy)),
        policy=policy.name,
        facts_version=facts.version,
    )


def passkey_counts_from(facts: Facts, policy: Policy) -> datetime | None:
    """From when the longest-standing proven passkey is trusted.

    Whoever holds a swapped SIM can bind a passkey of their own by a text-message code. So a passkey whose trust
    goes back to such a session counts only after a cooling-off, in which the owner hears of it and can object.
    """
    counts_from = _trusted_from(facts, policy)
    if counts_from is None or facts.rescued_at is None:
        return counts_from
    return max(counts_from, facts.rescued_at + policy.cooling_off)


def _trusted_from(facts: Facts, policy: Policy) -> datetime | None:
    rooted_at = facts.passkey_rooted_in_sms_at
    if rooted_at is None:
        return facts.passkey_bound_at
    wait = policy.cooling_off
    if _sim_in_doubt(rooted_at, facts, policy):
        wait = max(wait, policy.sim_swap_window)
    return rooted_at + wait


def notice_runs_from(facts: Facts) -> datetime | None:
    """When the days of the notice began: when it was given, or when it was handed over if that was much later.

    None while it has not gone out by any channel: whoever was not told is not switched off.
    """
    if facts.noticed_at is None or facts.sms_since is None or facts.notice_missed:
        return None
    return max(facts.sms_since, facts.noticed_at - HANDOVER)


def stuck_reason(account_id: str, facts: Facts, policy: Policy) -> StuckReason | None:
    """Why reminders no longer help, or None while there is one to come, or none is needed."""
    milestone = next_milestone(facts, policy)
    if milestone is None:
        return StuckReason.NOTICE_MISSED if facts.notice_missed and not facts.channels else None
    if next_nudge(account_id, milestone, facts, policy):
        return None
    return StuckReason.NUDGES_USED_UP if facts.channels else StuckReason.UNREACHABLE


def _withdraw(facts: Facts) -> Plan | None:
    """A proof that no longer holds brings SMS back at once: nobody is left with less than they had."""
    if facts.sms is SmsState.ON:
        return None
    return Plan(act=JourneyAct.RESTORE_SMS, at=facts.sms_since)


def _put_off(planned: Plan, facts: Facts) -> Plan:
    """Support may have the journey rest, or give the person more time; reminders know of a rest themselves."""
    if planned.nudge or planned.at is None:
        return planned
    moments = (planned.at, facts.rests_until, facts.extended_until)
    return replace(planned, at=max(at for at in moments if at))


def _reach(account_id: str, milestone: Milestone, facts: Facts, policy: Policy) -> Plan:
    nudge = next_nudge(account_id, milestone, facts, policy)
    if nudge:
        return Plan(act=JourneyAct.NUDGE, at=nudge.at, nudge=nudge)
    if facts.progress_at is None:
        return Plan(act=None)
    return _report_stuck(facts, at=_patience_ends(facts, policy, progress_at=facts.progress_at))


def _report_stuck(facts: Facts, *, at: datetime) -> Plan:
    return Plan(act=None) if facts.stuck_since else Plan(act=JourneyAct.REPORT_STUCK, at=at)


def _patience_ends(facts: Facts, policy: Policy, *, progress_at: datetime) -> datetime:
    """Patience runs from the moment the person saw the prompt, not from the moment something was sent."""
    seen = max(progress_at, facts.exposed_at or progress_at)
    return max(seen + policy.patience, facts.last_nudged_at or seen)


def _retire(facts: Facts, policy: Policy) -> Plan:
    since = facts.sms_since
    if facts.sms is SmsState.ON:
        return Plan(act=JourneyAct.GIVE_NOTICE, at=_notice_at(facts, policy))
    if since is None:
        return Plan(act=None)
    if facts.sms is SmsState.NOTICE and facts.notice_missed:
        again = Plan(act=JourneyAct.GIVE_NOTICE, at=since + min(policy.notice, NOTICE_AGAIN_AFTER))
        return again if facts.channels else _report_stuck(facts, at=since)
    # In probation, too, the passkey that counts may have given way to a younger one.
    counts_from = passkey_counts_from(facts, policy) or since
    if facts.sms is SmsState.NOTICE:
        noticed = notice_runs_from(facts) or since
        return Plan(act=JourneyAct.SUSPEND_SMS, at=max(noticed + policy.notice, counts_from))
    return Plan(act=JourneyAct.REMOVE_SMS, at=max(since + policy.probation, counts_from))


def _notice_at(facts: Facts, policy: Policy) -> datetime | None:
    """After the last step at once; after a restore only when the person has had a rest."""
    rested = facts.restored_at + policy.rest_after_restore if facts.restored_at else None
    return max((at for at in (facts.progress_at, rested) if at), default=None)


def _sim_in_doubt(rooted_at: datetime, facts: Facts, policy: Policy) -> bool:
    if facts.sim_checked_at is None or facts.sim_checked_at < rooted_at:
        return policy.unknown_sim is UnknownSim.HOLD
    return facts.sim_changed_at is not None and facts.sim_changed_at + policy.sim_swap_window >= rooted_at
