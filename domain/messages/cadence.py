"""When a person is nudged: the policy's steps, moved out of quiet hours and spread by a stable jitter."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.facts import Channel, Facts, Milestone
from domain.policy import NudgeStep, Policy
from domain.safety.end_dates import ToldEnd, named_end, strikes_at


@dataclass(frozen=True, kw_only=True)
class PlannedNudge:
    """The next reminder: for which milestone, its number (from 1), by which channel, and when."""

    milestone: Milestone
    ordinal: int
    channel: Channel
    at: datetime


def next_nudge(account_id: str, milestone: Milestone, facts: Facts, policy: Policy) -> PlannedNudge | None:
    """The next reminder of a milestone, or None when all are used up or no channel reaches the person."""
    nudged = facts.nudged(milestone)
    arrived = nudged.arrived if nudged else 0
    steps = _steps(milestone, facts, policy)
    channel = _channel(steps[arrived], facts) if arrived < len(steps) else None
    if channel is None or facts.progress_at is None:
        return None
    at = _moment(account_id, steps[arrived], facts, policy, progress_at=facts.progress_at)
    # The ordinal counts all reminders, so that each has a key of its own; the step counts reminders that arrived.
    ordinal = (nudged.times if nudged else 0) + 1
    return PlannedNudge(milestone=milestone, ordinal=ordinal, channel=channel, at=at)


def last_reminder(account_id: str, milestone: Milestone, facts: Facts, policy: Policy) -> PlannedNudge | None:
    """The next reminder that is counted back from the end date; None without one, or once the end has come.

    Quiet hours, caps, rests and the least gap hold for it; "Remind me later" does not, for the day comes all the same.
    """
    end, channel = own_end(facts, policy), next(iter(facts.channels), None)
    if end is None or channel is None or facts.progress_at is None:
        return None
    since = max(facts.progress_at, facts.last_nudged_at or facts.progress_at)
    moments = sorted(end - before for before in policy.last_reminders)
    due_at = next((moment for moment in moments if moment > since), None)
    at = _put_off(account_id, due_at, facts, policy) if due_at else None
    if at is None or at >= end:
        return None
    nudged = facts.nudged(milestone)
    ordinal = (nudged.times if nudged else 0) + 1
    return PlannedNudge(milestone=milestone, ordinal=ordinal, channel=channel, at=at)


def end_to_tell(facts: Facts, policy: Policy) -> datetime | None:
    """The end date that the person should have been told; None if no day is named."""
    return named_end(policy.end, exempt_until=facts.exempt_until)


def own_end(facts: Facts, policy: Policy) -> datetime | None:
    """From when the codes of this person only open the set-up: the day that is named, and later if it was told late."""
    named = end_to_tell(facts, policy)
    telling = ToldEnd(at=facts.told_end_at, since=facts.told_end_since)
    return strikes_at(named, telling, notice=policy.notice) or named


def has_ended(facts: Facts, policy: Policy, now: datetime) -> bool:
    """Whether codes of this person only open the set-up by now: never before they were told of it."""
    end = own_end(facts, policy)
    return facts.told_end_at is not None and end is not None and end <= now


def own_day(facts: Facts, policy: Policy) -> date | None:
    """The day of `own_end` by the person's calendar, as it is said to them."""
    end = own_end(facts, policy)
    return end.astimezone(ZoneInfo(facts.time_zone or policy.quiet_zone)).date() if end else None


def out_of_quiet_hours(at: datetime, time_zone: str | None, policy: Policy) -> datetime:
    """The first instant at or after `at` that is not within the person's night, by their wall clock."""
    if policy.quiet_from == policy.quiet_until:
        return at
    local = at.astimezone(ZoneInfo(time_zone or policy.quiet_zone))
    if not _quiet(local, policy):
        return at
    morning = local.replace(
        hour=policy.quiet_until.hour, minute=policy.quiet_until.minute, second=0, microsecond=0
    )
    if morning <= local:
        # Arithmetic by the wall clock: nine in the morning stays nine when the clocks change.
        morning += timedelta(days=1)
    return morning.astimezone(at.tzinfo)


def calm_moment(account_id: str, at: datetime, facts: Facts, policy: Policy) -> datetime:
    """`at` itself when it is not in the person's night, else this account's own moment of the next morning."""
    calm = out_of_quiet_hours(at, facts.time_zone, policy)
    if calm == at:
        return at
    return out_of_quiet_hours(calm + jitter(account_id, policy), facts.time_zone, policy)


def jitter(account_id: str, policy: Policy) -> timedelta:
    """This account's own share of the policy's jitter, always the same."""
    share = int.from_bytes(hashlib.blake2s(account_id.encode(), digest_size=4).digest())
    return policy.jitter * (share / 2**32)


def _steps(milestone: Milestone, facts: Facts, policy: Policy) -> tuple[NudgeStep, ...]:
    # Only a journey's first milestone has an invitation: later, the person has just taken a step.
    beginning = all(nudged.milestone is milestone for nudged in facts.nudges)
    return (policy.invitation, *policy.cadence) if beginning else policy.cadence


def _channel(step: NudgeStep, facts: Facts) -> Channel | None:
    if step.channel in facts.channels:
        return step.channel
    return next(iter(facts.channels), None)


def _moment(
    account_id: str, step: NudgeStep, facts: Facts, policy: Policy, *, progress_at: datetime
) -> datetime:
    due_at = progress_at + step.after
    return _put_off(account_id, max(due_at, facts.snoozed_until or due_at), facts, policy)


def _put_off(account_id: str, due_at: datetime, facts: Facts, policy: Policy) -> datetime:
    """The first moment at or after `due_at` at which a reminder bothers nobody, with this account's jitter."""
    not_before = [due_at, *(at for at in (facts.capped_until, facts.rests_until) if at)]
    if facts.last_nudged_at:
        not_before.append(facts.last_nudged_at + policy.least_gap)
    return calm_moment(account_id, max(not_before) + jitter(account_id, policy), facts, policy)


def _quiet(local: datetime, policy: Policy) -> bool:
    clock = local.time()
    if policy.quiet_from < policy.quiet_until:
        return policy.quiet_from <= clock < policy.quiet_until
    return clock >= policy.quiet_from or clock < policy.quiet_until
