"""When a person is asked at sign-in, how often they may put it off, and what they can answer instead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain import milestones
from domain.facts import Facts, Milestone
from domain.messages.cadence import has_ended, own_end
from domain.policy import Policy

CANNOT_NOW_PAUSE = timedelta(days=14)
"""How long the prompt stays away after a person said that they cannot do it now."""

ANSWERABLE_FOR = timedelta(days=7)
"""How long after a host was told to show a prompt it may tell what the person answered."""


class CannotReason(StrEnum):
    """Why somebody cannot set it up now."""

    NO_DEVICE = "no_device"
    SHARED_DEVICE = "shared_device"
    DID_NOT_WORK = "did_not_work"
    NO_EMAIL = "no_email"
    NO_TIME = "no_time"
    OTHER = "other"


HELPED = frozenset(
    {CannotReason.NO_DEVICE, CannotReason.SHARED_DEVICE, CannotReason.DID_NOT_WORK, CannotReason.NO_EMAIL}
)
"""The reasons that something can be done about; whoever has no time is left alone."""


class SmsReason(StrEnum):
    """Why somebody who has a passkey signed in by a text-message code."""

    NEW_DEVICE = "new_device"
    NOT_HERE = "not_here"
    DID_NOT_WORK = "did_not_work"
    LOST = "lost"
    OTHER = "other"


class PromptAnswer(StrEnum):
    """What became of a prompt that a host has shown."""

    SEEN = "seen"
    SKIPPED = "skipped"
    CANNOT = "cannot"
    WENT = "went"


@dataclass(frozen=True, kw_only=True)
class Skips:
    """How often the prompt can be put off in all, and until when; `until` is None if that has no end."""

    allowed: int
    until: datetime | None

    def left(self, used: int, now: datetime) -> int:
        """How often "Remind me later" is still offered. "I can't do this now" stays: no prompt is a dead end."""
        if self.until is not None and now >= self.until:
            return 0
        return max(self.allowed - used, 0)


def skips(facts: Facts, policy: Policy, now: datetime, *, promised: Skips | None = None) -> Skips:
    """What the policy allows, and never less than an earlier one has `promised`.

    A prompt becomes mandatory only after the person has had the policy's time since first seeing it. Who has not seen
    it yet sees it now at the earliest. The end date holds whatever else was promised.
    """
    until = None if policy.mandatory_after is None else (facts.exposed_at or now) + policy.mandatory_after
    allowed = policy.skips_allowed
    if promised is not None:
        until = max(until, promised.until) if until and promised.until else None
        allowed = max(allowed, promised.allowed)
    end = own_end(facts, policy) if _signs_in_by_codes(facts) else None
    is_told = facts.told_end_at is not None
    moments = [at for at in (until, end if is_told or (end and end > now) else None) if at]
    return Skips(allowed=allowed, until=min(moments, default=None))


def step_to_ask(
    facts: Facts,
    policy: Policy,
    *,
    on_journey: bool,
    is_frozen: bool,
    proven_today: bool,
    now: datetime,
    is_spared: bool = False,
    is_end_put_off: bool = False,
) -> Milestone | None:
    """The step that a person is asked for at a sign-in; None if the sign-in leads on as ever.

    `on_journey`: the account's journey runs; `is_frozen`: its cohort is paused or given up; `proven_today`: a passkey
    of the account has signed in today, by the person's own calendar; `is_spared`: the prompt is stopped for
    the person, or they are in a slice that the cohort holds. From the end date on, nobody is left alone or spared,
    unless it does not strike because retiring is stopped (`is_end_put_off`).
    """
    is_left_alone = is_spared or not is_due(facts, now)
    has_struck = is_over(facts, policy, now) and not is_end_put_off
    if not on_journey or is_frozen or (is_left_alone and not has_struck):
        return None
    return milestones.next_step(facts, policy, proven_today=proven_today)


def answered_at(told_at: datetime | None, *, asked_at: datetime, now: datetime) -> datetime:
    """The moment by which an answer counts: its own, though not before the prompt was asked for, nor after now."""
    return now if told_at is None else min(max(told_at, asked_at), now)


def is_overtaken(at: datetime, *, progress_at: datetime | None, cannot_since: datetime | None) -> bool:
    """Whether "I can't do this now" comes too late to count: the person has made progress since, or said it again."""
    return any(later is not None and later > at for later in (progress_at, cannot_since))


def is_over(facts: Facts, policy: Policy, now: datetime) -> bool:
    """Whether the end date has come of somebody who signs in by codes alone, and whose cohort does not stand still."""
    return _signs_in_by_codes(facts) and has_ended(facts, policy, now)


def _signs_in_by_codes(facts: Facts) -> bool:
    return facts.proven_passkeys == 0 and facts.authenticator_apps == 0


def left_alone_until(facts: Facts, now: datetime) -> datetime | None:
    """The moment before which no sign-in shows the prompt; None if the next one may."""
    return max(
        (until for until in (facts.snoozed_until, facts.rests_until) if until is not None and until > now),
        default=None,
    )


def is_due(facts: Facts, now: datetime) -> bool:
    """Whether to show the prompt at this sign-in."""
    return left_alone_until(facts, now) is None
