"""When a person is nudged: the policy's steps, moved out of quiet hours and spread by a stable jitter."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.facts import Channel, Facts, Milestone
from domain.policy import NudgeStep, Policy


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
    not_before = [progress_at + step.after]
    not_before += [at for at in (facts.snoozed_until, facts.capped_until, facts.rests_until) if at]
    if facts.last_nudged_at:
        not_before.append(facts.last_nudged_at + policy.least_gap)
    delay = jitter(account_id, policy)
    return calm_moment(account_id, max(not_before) + delay, facts, policy)


def _quiet(local: datetime, policy: Policy) -> bool:
    clock = local.time()
    if policy.quiet_from < policy.quiet_until:
        return policy.quiet_from <= clock < policy.quiet_until
    return clock >= policy.quiet_from or clock < policy.quiet_until
