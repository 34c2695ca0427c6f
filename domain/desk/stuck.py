"""Why somebody does not get on: every obstacle, the weightiest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Obstacle(StrEnum):
    """What stands in a person's way. The order is by weight: what explains most, and is most urgent, comes first."""

    OBJECTION_OPEN = "objection_open"
    WORKFLOW_FAILING = "workflow_failing"
    HELD = "held"
    NUMBER_TOO_NEW = "number_too_new"
    HOST_REFUSED = "host_refused"
    HOST_SILENT = "host_silent"
    NOTICE_MISSED = "notice_missed"
    UNREACHABLE = "unreachable"
    EMAIL_BOUNCED = "email_bounced"
    NUMBER_UNDELIVERABLE = "number_undeliverable"
    PROMPT_FAILED = "prompt_failed"
    CANNOT_NOW = "cannot_now"
    NO_REMINDERS = "no_reminders"
    NUDGES_USED_UP = "nudges_used_up"
    UNCONFIRMED = "unconfirmed"
    SIM_UNKNOWN = "sim_unknown"
    COOLING_OFF = "cooling_off"


@dataclass(frozen=True, kw_only=True)
class Hurdle:
    """One obstacle of one account. `said` is the word on record for it, `where` a channel, platform or ceremony."""

    obstacle: Obstacle
    since: datetime
    said: str = ""
    where: str = ""


def weightiest_first(hurdles: Iterable[Hurdle]) -> tuple[Hurdle, ...]:
    """One account's hurdles, the weightiest first, and the oldest first among equals."""
    ranks = list(Obstacle)
    return tuple(sorted(hurdles, key=lambda hurdle: (ranks.index(hurdle.obstacle), hurdle.since)))
