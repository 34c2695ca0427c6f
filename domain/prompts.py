"""When a person is asked at sign-in, how often they may put it off, and what they can answer instead."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.facts import Facts
from domain.policy import Policy

CANNOT_NOW_PAUSE = timedelta(days=14)
"""How long the prompt stays away after a person said that they cannot do it now."""


class CannotReason(StrEnum):
    """Why somebody cannot set it up now."""

    NO_DEVICE = "no_device"
    SHARED_DEVICE = "shared_device"
    DID_NOT_WORK = "did_not_work"
    NO_EMAIL = "no_email"
    NO_TIME = "no_time"
    OTHER = "other"


class SmsReason(StrEnum):
    """Why somebody who has a passkey signed in by a text-message code."""

    NEW_DEVICE = "new_device"
    NOT_HERE = "not_here"
    DID_NOT_WORK = "did_not_work"
    LOST = "lost"
    OTHER = "other"


def skips_left(skips_used: int, facts: Facts, policy: Policy, now: datetime) -> int:
    """How often "Remind me later" is still offered.

    A prompt becomes mandatory only after the person has had the policy's time since first seeing it. Even then
    "I can't do this now" stays: no prompt is a dead end.
    """
    if is_mandatory(facts, policy, now):
        return 0
    return max(policy.skips_allowed - skips_used, 0)


def is_mandatory(facts: Facts, policy: Policy, now: datetime) -> bool:
    """Whether the policy's patience with the prompt is over, counted from its first exposure."""
    if policy.mandatory_after is None or facts.exposed_at is None:
        return False
    return now >= facts.exposed_at + policy.mandatory_after


def is_due(facts: Facts, now: datetime) -> bool:
    """Whether to show the prompt at this sign-in."""
    return all(until is None or now >= until for until in (facts.snoozed_until, facts.rests_until))
