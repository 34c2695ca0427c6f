"""What a journey does next, and when. The workflow and the pages that explain it use this one rule."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.asking import answer_due_at, is_silent, refusal_stands
from domain.facts import Facts, HostChange, Milestone, SmsState
from domain.messages.cadence import PlannedNudge, calm_moment, end_to_tell, last_reminder, next_nudge
from domain.milestones import next_milestone
from domain.notices import NOTICE_AGAIN_AFTER, needs_another_notice, notice_runs_from
from domain.policy import Policy
from domain.safety.sim import sim_check_due_at, sim_in_doubt, sim_is_clear


class JourneyAct(StrEnum):
    """Everything that a journey does of its own accord."""

    NUDGE = "nudge"
    REPORT_STUCK = "report_stuck"
    GIVE_NOTICE = "give_notice"
    SUSPEND_SMS = "suspend_sms"
    RESTORE_SMS = "restore_sms"
    REMOVE_SMS = "remove_sms"
    CHECK_SIM = "check_sim"
    ASK_HOST = "ask_host"
    ASK_FOR_RESTORE = "ask_for_restore"
    TELL_END = "tell_end"


class StuckReason(StrEnum):
    """Why a journey does not get on."""

    NUDGES_USED_UP = "nudges_used_up"
    UNREACHABLE = "unreachable"
    NOTICE_MISSED = "notice_missed"
    NUMBER_TOO_NEW = "number_too_new"
    HOST_SILENT = "host_silent"
    HOST_REFUSED = "host_refused"


class JourneyOutcome(StrEnum):
    """How a journey ended."""

    MIGRATED = "migrated"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The next act and its moment, unless the facts change before. Without both, the journey waits for new facts."""

    act: JourneyAct | None
    at: datetime | None = None
    nudge: PlannedNudge | None = None


_RETIRING = (JourneyAct.GIVE_NOTICE, JourneyAct.SUSPEND_SMS, JourneyAct.REMOVE_SMS)


def plan(account_id: str, facts: Facts, policy: Policy, *, trust_first: bool = True) -> Plan:
    """What this journey does next if nothing else happens.

    Without `trust_first`, as journeys of older releases went: the notice did not wait for the cooling-off, and nobody
    looked up the SIM.
    """
    if facts.sms is SmsState.REMOVED or facts.deleted_at or facts.deactivated_at:
        return Plan(act=None)
    return _with_host(_without_host(account_id, facts, policy, trust_first=trust_first), facts, policy)


def deadline(facts: Facts, policy: Policy) -> datetime | None:
    """When patience, notice or probation ends by the policy alone; None while nothing runs."""
    if next_milestone(facts, policy) is None:
        return suspension_due_at(facts, policy) or _keep_word(_retire(facts, policy), facts).at
    return _patience_ends(facts, policy, progress_at=facts.progress_at) if facts.progress_at else None


def due(account_id: str, next_plan: Plan, facts: Facts, policy: Policy, now: datetime) -> datetime | None:
    """When to act on a plan, seen from `now`.

    A reminder whose moment has passed, because no worker ran or the facts changed late, does not go out in the
    person's night. Nor does the word of a new end date.
    """
    is_calm = next_plan.nudge is None and next_plan.act is not JourneyAct.TELL_END
    if is_calm or next_plan.at is None or next_plan.at >= now:
        return next_plan.at
    return calm_moment(account_id, now, facts, policy)


def suspension_due_at(facts: Facts, policy: Policy) -> datetime | None:
    """When codes are suspended, by the policy and by what the person was told, whichever is later.

    None while there is no notice, or its days do not run.
    """
    runs_from = notice_runs_from(facts)
    if facts.sms is not SmsState.NOTICE or runs_from is None:
        return None
    counts_from = passkey_counts_from(facts, policy) or runs_from
    return max(max(runs_from, counts_from) + policy.notice, facts.notice_until or runs_from)


def removal_due_at(facts: Facts, policy: Policy) -> datetime | None:
    """When suspended codes are removed, by the policy and by what the person was told, whichever is later."""
    if facts.sms is not SmsState.SUSPENDED or facts.sms_since is None:
        return None
    return max(facts.sms_since + policy.probation, facts.removal_not_before or facts.sms_since)


def passkey_counts_from(facts: Facts, policy: Policy) -> datetime | None:
    """The moment from which the evidence for the end of SMS is trusted; None if time alone does not bring it about.

    A thief with a swapped SIM can bind a passkey of their own by a text-message code. So what is rooted in SMS counts
    only after a cooling-off, in which the owner hears of it and can object. So it is after a rescue, too. Where nobody
    but the SIM's holder could be told, the SIM itself has to be clear.
    """
    counts_from = _trusted_from(facts, policy)
    if counts_from is None or (facts.unconfirmed and facts.evidence_from is None):
        return None
    if facts.sms_alone and not sim_is_clear(facts, policy):
        return None
    rescue_cooled_at = facts.rescued_at + policy.cooling_off if facts.rescued_at else None
    moments = (counts_from, facts.evidence_from, rescue_cooled_at, facts.cools_off_until)
    return max(at for at in moments if at)


def _trusted_from(facts: Facts, policy: Policy) -> datetime | None:
    rooted_at = facts.passkey_rooted_in_sms_at
    if rooted_at is None:
        return facts.passkey_bound_at
    wait = policy.cooling_off
    if sim_in_doubt(rooted_at, facts, policy):
        wait = max(wait, policy.sim_swap_window)
    return rooted_at + wait


def number_is_new_until(facts: Facts, policy: Policy) -> datetime | None:
    """Until when text-message codes do not come back by themselves, because the number may be a thief's; None if never.

    Whoever has talked the host into another number would otherwise get codes by making the owner's proof fail.
    """
    return facts.phone_since + policy.sim_swap_window if facts.phone_since else None


def _without_host(account_id: str, facts: Facts, policy: Policy, *, trust_first: bool) -> Plan:
    milestone = next_milestone(facts, policy)
    if (milestone is not None or facts.disputed_since) and (withdrawal := _withdraw(facts, policy)):
        return withdrawal
    if facts.held_since or facts.disputed_since:
        return Plan(act=None)
    if telling := _tell_end(account_id, milestone, facts, policy):
        return telling
    if milestone:
        return _put_off(_reach(account_id, milestone, facts, policy), facts)
    if not trust_first:
        return _put_off(_retire_notice_first(facts, policy), facts)
    return _put_off(_check_sim_first(_keep_word(_retire(facts, policy), facts), facts, policy), facts)


def _with_host(next_plan: Plan, facts: Facts, policy: Policy) -> Plan:
    """The host's part of a plan: it is asked before codes go, and until it has confirmed that they are back."""
    if facts.host_asked is HostChange.RESTORE:
        return _until_restored(next_plan, facts, policy)
    is_refused = facts.sms is SmsState.NOTICE and refusal_stands(facts, HostChange.SUSPEND)
    if is_refused or (policy.host_confirms and facts.host_reopened):
        return _withdraw(facts, policy) or next_plan
    if facts.host_confirmed_at and next_plan.act is not JourneyAct.RESTORE_SMS:
        act = JourneyAct.SUSPEND_SMS if facts.sms is SmsState.NOTICE else JourneyAct.REMOVE_SMS
        return Plan(act=act, at=facts.host_confirmed_at)
    if not policy.host_confirms:
        return next_plan
    match next_plan.act:
        case JourneyAct.GIVE_NOTICE if facts.sms is SmsState.ON and refusal_stands(facts, HostChange.SUSPEND):
            return _report_stuck(facts, at=facts.host_refused_at)
        case JourneyAct.SUSPEND_SMS:
            return _ask_host(HostChange.SUSPEND, next_plan, facts, policy)
        case JourneyAct.REMOVE_SMS:
            return _ask_host(HostChange.REMOVE, next_plan, facts, policy)
    return next_plan


def _until_restored(next_plan: Plan, facts: Facts, policy: Policy) -> Plan:
    """Nobody is kept out by a silent host: it is asked again and again, and codes do not end meanwhile."""
    due_at = answer_due_at(facts, policy)
    is_stuck = facts.stuck_since or not (is_silent(facts) or refusal_stands(facts, HostChange.RESTORE))
    again = Plan(act=JourneyAct.ASK_FOR_RESTORE if is_stuck else JourneyAct.REPORT_STUCK, at=due_at)
    if next_plan.at is None or next_plan.act in _RETIRING or (due_at and due_at <= next_plan.at):
        return again
    return next_plan


def _ask_host(change: HostChange, next_plan: Plan, facts: Facts, policy: Policy) -> Plan:
    if refusal_stands(facts, change):
        return _report_stuck(facts, at=facts.host_refused_at)
    due_at = answer_due_at(facts, policy) if facts.host_asked is change else None
    if due_at and is_silent(facts):
        return _report_stuck(facts, at=due_at)
    moments = [at for at in (next_plan.at, due_at) if at]
    return Plan(act=JourneyAct.ASK_HOST, at=max(moments, default=None))


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


def _tell_end(account_id: str, milestone: Milestone | None, facts: Facts, policy: Policy) -> Plan | None:
    """Say that the end date is another than the person was told, unless their invitation is going to say it."""
    if facts.told_end_at == end_to_tell(facts, policy) or facts.sms not in (SmsState.ON, SmsState.NOTICE):
        return None
    is_beginning = facts.told_end_at is None and not facts.nudges
    if facts.progress_at is None or (
        is_beginning and milestone and next_nudge(account_id, milestone, facts, policy)
    ):
        return None
    return Plan(act=JourneyAct.TELL_END, at=facts.progress_at)


def _reach(account_id: str, milestone: Milestone, facts: Facts, policy: Policy) -> Plan:
    """The cadence's next act, or the next reminder that is counted back from the end date, whichever comes first."""
    next_plan = _reach_by_cadence(account_id, milestone, facts, policy)
    last = last_reminder(account_id, milestone, facts, policy)
    if last is None or (next_plan.at is not None and next_plan.at <= last.at):
        return next_plan
    return Plan(act=JourneyAct.NUDGE, at=last.at, nudge=last)


def _reach_by_cadence(account_id: str, milestone: Milestone, facts: Facts, policy: Policy) -> Plan:
    nudge = next_nudge(account_id, milestone, facts, policy)
    if nudge:
        return Plan(act=JourneyAct.NUDGE, at=nudge.at, nudge=nudge)
    if facts.progress_at is None:
        return Plan(act=None)
    return _report_stuck(facts, at=_patience_ends(facts, policy, progress_at=facts.progress_at))


def _report_stuck(facts: Facts, *, at: datetime | None) -> Plan:
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


def _keep_word(next_plan: Plan, facts: Facts) -> Plan:
    """A policy that was edited takes back nothing that was told; a later day is told first."""
    if next_plan.at is None:
        return next_plan
    match next_plan.act:
        case JourneyAct.SUSPEND_SMS if facts.notice_until:
            if needs_another_notice(facts, ends_at=next_plan.at):
                return Plan(act=JourneyAct.GIVE_NOTICE, at=facts.sms_since)
            return replace(next_plan, at=max(next_plan.at, facts.notice_until))
        case JourneyAct.REMOVE_SMS if facts.removal_not_before:
            return replace(next_plan, at=max(next_plan.at, facts.removal_not_before))
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
