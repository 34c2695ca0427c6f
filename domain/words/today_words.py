"""The words of the console's home page and of `offramp today`: what runs, is held, waits, ends, and went on."""

from collections.abc import Mapping
from enum import StrEnum

from domain.journal import EventKind


class HoldKind(StrEnum):
    """What is held, so that it does not go on by itself."""

    ROLLOUT = "rollout"
    SUSPICION = "suspicion"
    SLICE = "slice"
    SWITCH = "switch"
    GUARD = "guard"


class WaitingKind(StrEnum):
    """What waits for a member of staff."""

    REQUESTS = "requests"
    END_REQUESTS = "end_requests"
    ROLLOUTS = "rollouts"
    OBJECTIONS = "objections"
    STUCK = "stuck"
    EXEMPTIONS = "exemptions"
    WEBHOOKS = "webhooks"


HOLDS: Mapping[HoldKind, str] = {
    HoldKind.ROLLOUT: "paused",
    HoldKind.SUSPICION: "launches nobody new until a second look",
    HoldKind.SLICE: "no prompt",
    HoldKind.SWITCH: "stopped",
    HoldKind.GUARD: "the guard is up",
}

WAITING: Mapping[WaitingKind, str] = {
    WaitingKind.REQUESTS: "requests of colleagues to approve",
    WaitingKind.END_REQUESTS: "nearer end dates to approve",
    WaitingKind.ROLLOUTS: "rollouts that wait for an operator",
    WaitingKind.OBJECTIONS: "times “this wasn't me” to look at",
    WaitingKind.STUCK: "people who are stuck",
    WaitingKind.EXEMPTIONS: "exemptions to review",
    WaitingKind.WEBHOOKS: "receivers of webhooks that fail",
}

HAPPENED: Mapping[EventKind, str] = {
    EventKind.JOURNEY_STARTED: "journeys started",
    EventKind.PASSKEY_BOUND: "passkeys made",
    EventKind.PASSKEY_SIGNED_IN: "sign-ins by passkey",
    EventKind.SIGNED_IN: "sign-ins by code or app",
    EventKind.SIGN_IN_FAILED: "sign-ins that failed",
    EventKind.NUDGED: "reminders",
    EventKind.SMS_SUSPENDED: "SMS suspended",
    EventKind.SMS_RESTORED: "SMS restored",
    EventKind.OBJECTED: "“this wasn't me”",
    EventKind.SUPPORT_CASE: "support cases",
}
"""What is counted by the day, in the order in which it is shown."""


def days_ahead(days: int) -> str:
    """How far away an end date is."""
    if days < 0:
        return f"since {-days} {'day' if days == -1 else 'days'}"
    if days == 0:
        return "today"
    return "tomorrow" if days == 1 else f"in {days} days"
