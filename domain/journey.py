"""What a journey does next, and when. The workflow and the pages that explain it use this one rule."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import NotSafeYet
from domain.facts import Facts, Milestone, SmsState
from domain.messages.cadence import PlannedNudge, calm_moment, next_nudge
from domain.milestones import missing, next_milestone, second_routes
from domain.policy import Policy, UnknownSim
from domain.sim import sim_check_due_at


class JourneyAct(StrEnum):
    """Everything that a journey does of its own accord."""

    NUDGE = "nudge"
    REPORT_STUCK = "report_stuck"
    GIVE_NOTICE = "give_notice"
    SUSPEND_SMS = "suspend_sms"
    RESTORE_SMS = "restore_sms"
    REMOVE_SMS = "remove_sms"
    CHECK_SIM = "check_sim"


class StuckReason(StrEnum):
    """Why a journey does not get on."""

    NUDGES_USED_UP = "nudges_used_up"
    UNREACHABLE = "unreachable"
    NOTICE_MISSED = "notice_missed"
    NUMBER_TOO_NEW = "number_too_new"


NOTICE_AGAIN_AFTER = timedelta(days=1)
"""A notice that came by no channel is given again after this time, or after `policy.notice` if that is shorter."""

HANDOVER = timedelta(minutes=1)
"""If a notice takes longer than this to its provider, its days begin later."""


class JourneyOutcome(StrEnum):
    """How a journey ended."""

    MIGRATED = "migrated"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The next act and its moment, unless the facts change before. Without both, the journey waits for new facts."""

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


def plan(account_id: str, facts: Facts, policy: Policy, *, trust_first: bool = True) -> Plan:
    """What this journey does next if nothing else happens.

    Without `trust_first`, as journeys of older releases went: the notice did not wait for the cooling-off, and nobody
    looked up the SIM.
    """
    if facts.sms is SmsState.REMOVED:
        return Plan(act=None)
    milestone = next_milestone(facts, policy)
    if (milestone is not None or facts.disputed_since) and (withdrawal := _withdraw(facts, policy)):
        return withdrawal
    if facts.held_since or facts.disputed_since:
        return Plan(act=None)
    if milestone:
        return _put_off(_reach(account_id, milestone, facts, policy), facts)
    if not trust_first:
        return _put_off(_retire_notice_first(facts, policy), facts)
    return _put_off(_check_sim_first(_retire(facts, policy), facts, policy), facts)


def deadline(facts: Facts, policy: Policy) -> datetime | None:
    """When patience, notice or probation ends by the policy alone; None while nothing runs."""
    if next_milestone(facts, policy) is None:
        return _retire(facts, policy).at
    return _patience_ends(facts, policy, progress_at=facts.progress_at) if facts.progress_at else None


def due(account_id: str, next_plan: Plan, facts: Facts, policy: Policy, now: datetime) -> datetime | None:
    """When to act on a plan, seen from `now`.

    A reminder whose moment has passed, because no worker ran or the facts changed late, does not go out in the
    person's night.
    """
    if next_plan.nudge is None or next_plan.nudge.at >= now:
        return next_plan.at
    return calm_moment(account_id, now, facts, policy)


def off_proof(facts: Facts, policy: Policy, now: datetime) -> OffProof:
    """The evidence that SMS may go.

    Raises NotSafeYet if a milestone is missing, if the evidence is still provisional, if it goes back to SMS alone and
    the SIM is not known to be the owner's, or if an objection is open.
    """
    lacking: list[str] = [*missing(facts, policy)]
    counts_from = passkey_counts_from(facts, policy)
    if facts.unconfirmed:
        lacking.append("confirmation")
    elif facts.sms_alone and not _sim_is_clear(facts, policy):
        lacking.append("sim_check")
    elif counts_from is None or counts_from > now:
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
    """The moment from which the evidence for the end of SMS is trusted; None if time alone does not bring it about.

    A thief with a swapped SIM can bind a passkey of their own by a text-message code. So what is rooted in SMS counts
    only after a cooling-off, in which the owner hears of it and can object. So it is after a rescue, too. Where nobody
    but the SIM's holder could be told, the SIM itself has to be clear.
    """
    counts_from = _trusted_from(facts, policy)
    if counts_from is None or (facts.unconfirmed and facts.evidence_from is None):
        return None
    if facts.sms_alone and not _sim_is_clear(facts, policy):
        return None
    rescue_cooled_at = facts.rescued_at + policy.cooling_off if facts.rescued_at else None
    return max(at for at in (counts_from, facts.evidence_from, rescue_cooled_at) if at)


def _trusted_from(facts: Facts, policy: Policy) -> datetime | None:
    rooted_at = facts.passkey_rooted_in_sms_at
    if rooted_at is None:
        return facts.passkey_bound_at
    wait = policy.cooling_off
    if _sim_in_doubt(rooted_at, facts, policy):
        wait = max(wait, policy.sim_swap_window)
    return rooted_at + wait


def notice_runs_from(facts: Facts) -> datetime | None:
    """When the days of the notice began: when it was given, or HANDOVER before it went out, whichever is later.

    None until the notice has gone out by a channel: SMS stays on for a person who was not told.
    """
    if facts.noticed_at is None or facts.sms_since is None or facts.notice_missed:
        return None
    return max(facts.sms_since, facts.noticed_at - HANDOVER)


def stuck_reason(account_id: str, facts: Facts, policy: Policy) -> StuckReason | None:
    """Why reminders no longer help; None while a reminder is still to come, or none is needed."""
    milestone = next_milestone(facts, policy)
    if milestone is None:
        return StuckReason.NOTICE_MISSED if facts.notice_missed and not facts.channels else None
    if next_nudge(account_id, milestone, facts, policy):
        return None
    return StuckReason.NUDGES_USED_UP if facts.channels else StuckReason.UNREACHABLE


def number_is_new_until(facts: Facts, policy: Policy) -> datetime | None:
    """Until when text-message codes do not come back by themselves, because the number may be a thief's; None if never.

    Whoever has talked the host into another number would otherwise get codes by making the owner's proof fail.
    """
    return facts.phone_since + policy.sim_swap_window if facts.phone_since else None


def _withdraw(facts: Facts, policy: Policy) -> Plan | None:
    """A proof that no longer holds brings SMS back at once: nobody is left with less than they had.

    If that was refused because the number was too new, support has a case, and SMS waits for the number to be older.
    """
    if facts.sms is SmsState.ON:
        return None
    new_until = number_is_new_until(facts, policy)
    is_refused = new_until and facts.stuck_since and facts.stuck_since < new_until
    return Plan(act=JourneyAct.RESTORE_SMS, at=new_until if is_refused else facts.sms_since)


def _put_off(next_plan: Plan, facts: Facts) -> Plan:
    """Support may have paused the journey, or given more time; `next_nudge` moves reminders out of a rest by itself."""
    if next_plan.nudge or next_plan.at is None:
        return next_plan
    moments = (next_plan.at, facts.rests_until, facts.extended_until)
    return replace(next_plan, at=max(at for at in moments if at))


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
    begins = max(progress_at, facts.exposed_at or progress_at)
    return max(begins + policy.patience, facts.last_nudged_at or begins)


def _retire(facts: Facts, policy: Policy) -> Plan:
    """Cooling-off, then notice, then suspension: one after the other, so that the owner has all of each."""
    counts_from = passkey_counts_from(facts, policy)
    next_plan = _retire_notice_first(facts, policy)
    if counts_from is None:
        return Plan(act=None)
    match next_plan.act:
        case JourneyAct.GIVE_NOTICE if facts.sms is SmsState.ON and next_plan.at:
            return replace(next_plan, at=max(next_plan.at, counts_from))
        case JourneyAct.SUSPEND_SMS if next_plan.at:
            return replace(next_plan, at=max(next_plan.at, counts_from + policy.notice))
    return next_plan


def _retire_notice_first(facts: Facts, policy: Policy) -> Plan:
    since = facts.sms_since
    if facts.sms is SmsState.ON:
        return Plan(act=JourneyAct.GIVE_NOTICE, at=_notice_at(facts, policy))
    if since is None:
        return Plan(act=None)
    if facts.sms is SmsState.NOTICE and facts.notice_missed:
        second_notice = Plan(act=JourneyAct.GIVE_NOTICE, at=since + min(policy.notice, NOTICE_AGAIN_AFTER))
        return second_notice if facts.channels else _report_stuck(facts, at=since)
    # In probation, too, a younger passkey may have taken the place of the one that counted.
    counts_from = passkey_counts_from(facts, policy) or since
    if facts.sms is SmsState.NOTICE:
        notice_begins = notice_runs_from(facts) or since
        return Plan(act=JourneyAct.SUSPEND_SMS, at=max(notice_begins + policy.notice, counts_from))
    return Plan(act=JourneyAct.REMOVE_SMS, at=max(since + policy.probation, counts_from))


def _check_sim_first(retirement: Plan, facts: Facts, policy: Policy) -> Plan:
    """The look-up of the SIM goes before an act that is not due earlier: its answer may put the act off."""
    at = sim_check_due_at(facts, policy)
    if at is None:
        return retirement
    if retirement.act is None and facts.sms_alone and facts.evidence_from:
        return Plan(act=JourneyAct.CHECK_SIM, at=max(at, facts.evidence_from))
    if retirement.act is None or retirement.at is None or retirement.at < at:
        return retirement
    return Plan(act=JourneyAct.CHECK_SIM, at=at)


def _notice_at(facts: Facts, policy: Policy) -> datetime | None:
    """At once after the last step; after a restore, not before the policy's rest is over."""
    rest_ends = facts.restored_at + policy.rest_after_restore if facts.restored_at else None
    return max((at for at in (facts.progress_at, rest_ends) if at), default=None)


def _sim_is_clear(facts: Facts, policy: Policy) -> bool:
    """Whether somebody has said, since the passkey was bound, that its SIM had not changed. Unknown is never clear."""
    rooted_at = facts.passkey_rooted_in_sms_at
    if rooted_at is None:
        return True
    if facts.sim_checked_at is None or facts.sim_checked_at < rooted_at:
        return False
    return facts.sim_changed_at is None or facts.sim_changed_at + policy.sim_swap_window < rooted_at


def _sim_in_doubt(rooted_at: datetime, facts: Facts, policy: Policy) -> bool:
    if facts.sim_checked_at is None or facts.sim_checked_at < rooted_at:
        return policy.unknown_sim is UnknownSim.HOLD
    return facts.sim_changed_at is not None and facts.sim_changed_at + policy.sim_swap_window >= rooted_at
