"""When a person is nudged: the policy's steps, moved out of quiet hours and spread by a stable jitter."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.facts import Channel, Facts, Milestone
from domain.policy import NudgeStep, Policy


@dataclass(frozen=True, kw_only=True)
class PlannedNudge:
    """The next reminder: for what, the how-manieth (from 1), by which channel, and when."""

    milestone: Milestone
    ordinal: int
    channel: Channel
    at: datetime


def next_nudge(account_id: str, milestone: Milestone, facts: Facts, policy: Policy) -> PlannedNudge | None:
    """The next reminder of a milestone, or None when all are used up or no channel reaches the person."""
    said = facts.nudged(milestone)
    arrived = said.arrived if said else 0
    steps = _steps(milestone, facts, policy)
    channel = _channel(steps[arrived], facts) if arrived < len(steps) else None
    if channel is None or facts.progress_at is None:
        return None
    at = _moment(account_id, steps[arrived], facts, policy, progress_at=facts.progress_at)
    # The ordinal counts messages, so that each has a key of its own; the step counts those that arrived.
    return PlannedNudge(milestone=milestone, ordinal=(said.times if said else 0) + 1, channel=channel, at=at)


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
        morning += timedelta(
            days=1
        )  # wall-clock arithmetic: nine in the morning stays nine over a DST change
    return morning.astimezone(at.tzinfo)


def calm_moment(account_id: str, at: datetime, facts: Facts, policy: Policy) -> datetime:
    """`at` itself when it is not in the person's night, else this account's own moment of the morning after."""
    calm = out_of_quiet_hours(at, facts.time_zone, policy)
    if calm == at:
        return at
    return out_of_quiet_hours(calm + jitter(account_id, policy), facts.time_zone, policy)


def jitter(account_id: str, policy: Policy) -> timedelta:
    """This account's own share of the policy's jitter, always the same."""
    share = int.from_bytes(hashlib.blake2s(account_id.encode(), digest_size=4).digest())
    return policy.jitter * (share / 2**32)


def _steps(milestone: Milestone, facts: Facts, policy: Policy) -> tuple[NudgeStep, ...]:
    # Only the journey's beginning is an invitation: who has just made a step is in the middle of it.
    beginning = all(nudged.milestone is milestone for nudged in facts.nudges)
    return (policy.invitation, *policy.cadence) if beginning else policy.cadence


def _channel(step: NudgeStep, facts: Facts) -> Channel | None:
    if step.channel in facts.channels:
        return step.channel
    return next(iter(facts.channels), None)


def _moment(
    account_id: str, step: NudgeStep, facts: Facts, policy: Policy, *, progress_at: datetime
) -> datetime:
    earliest = [progress_at + step.after]
    earliest += [at for at in (facts.snoozed_until, facts.capped_until, facts.rests_until) if at]
    if facts.last_nudged_at:
        earliest.append(facts.last_nudged_at + policy.least_gap)
    own = jitter(account_id, policy)
    return calm_moment(account_id, max(earliest) + own, facts, policy)


def _quiet(local: datetime, policy: Policy) -> bool:
    clock = local.time()
    if policy.quiet_from < policy.quiet_until:
        return policy.quiet_from <= clock < policy.quiet_until
    return clock >= policy.quiet_from or clock < policy.quiet_until
