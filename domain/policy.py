"""How gently or firmly a cohort is moved: every duration and choice a journey depends on, as data."""

from dataclasses import dataclass, fields
from datetime import time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.facts import Channel
from domain.recovery_rules import STANDARD_RULES, RecoveryRule, mistakes
from domain.safety.end_dates import LAST_REMINDERS, EndDate


class SecondRoute(StrEnum):
    """What may count as the second way in."""

    ANOTHER_PASSKEY = "another_passkey"
    SYNCED_PASSKEY = "synced_passkey"
    RECOVERY_CODES = "recovery_codes"
    AUTHENTICATOR_APP = "authenticator_app"


class InsteadOfPasskey(StrEnum):
    """What is taken in place of a passkey of people who have said that they have no device for one.

    An authenticator app is *less than phishing-resistant*: its code can be typed on a page that only looks right.
    """

    NONE = "none"
    AUTHENTICATOR_APP = "authenticator_app"


LEAST_BETWEEN_CHECK_UPS = timedelta(days=28)
"""More often than this, a check-up would nag."""


class UnknownSim(StrEnum):
    """What follows when nobody could say whether the SIM was swapped."""

    ALLOW = "allow"
    HOLD = "hold"


class InvalidPolicy(Refused):
    """A policy that would lock people out, nag them, or never end; `problems` names every mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class NudgeStep:
    """One reminder: how long after the last progress, and by which channel at best."""

    after: timedelta
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The rules of one cohort. A stored policy means the same for ever: a default, once given, never changes.

    At most `cap` reminders reach one contact within `cap_window`, from all cohorts and accounts together; a cap
    of 0 means no cap. Codes and notices are not capped. With `host_confirms`, codes are off only when the host has said
    that they are off in its own system. `recovery` says which two proofs let an owner back in; without any, nobody gets
    back in by themselves. After the first check-up another one follows every `check_up_every`; zero means none at
    all. From `end` on, if there is one, codes only open the set-up; `last_reminders` are counted back from it.
    """

    name: str
    invitation: NudgeStep
    cadence: tuple[NudgeStep, ...]
    quiet_from: time
    quiet_until: time
    quiet_zone: str
    least_gap: timedelta
    jitter: timedelta
    patience: timedelta
    skips_allowed: int
    snooze: timedelta
    mandatory_after: timedelta | None
    proving_days: int
    second_routes: tuple[SecondRoute, ...]
    cooling_off: timedelta
    sim_swap_window: timedelta
    unknown_sim: UnknownSim
    notice: timedelta
    probation: timedelta
    rest_after_restore: timedelta
    forget_phone: bool
    cap: int = 0
    cap_window: timedelta = timedelta(days=7)
    host_confirms: bool = False
    recovery: tuple[RecoveryRule, ...] = STANDARD_RULES
    check_up_every: timedelta = timedelta(days=365)
    instead_of_passkey: InsteadOfPasskey = InsteadOfPasskey.NONE
    end: EndDate | None = None
    last_reminders: tuple[timedelta, ...] = LAST_REMINDERS

    def __post_init__(self) -> None:
        if problems := list(_problems(self)):
            raise InvalidPolicy(problems)


def _problems(policy: Policy) -> list[str]:
    offsets = [policy.invitation.after, *(step.after for step in policy.cadence)]
    durations = [field.name for field in fields(policy) if isinstance(getattr(policy, field.name), timedelta)]
    checks = {
        "name is empty": not policy.name,
        "cadence goes back in time": offsets != sorted(offsets),
        "skips_allowed is negative": policy.skips_allowed < 0,
        "cap is negative": policy.cap < 0,
        "cap_window is zero, so the cap would never bind": bool(policy.cap) and not policy.cap_window,
        "check_up_every is shorter than 28 days, so people would be nagged": timedelta()
        < policy.check_up_every
        < LEAST_BETWEEN_CHECK_UPS,
        "proving_days is below 1": policy.proving_days < 1,
        "second_routes is empty": not policy.second_routes,
        "instead_of_passkey takes an app, and second_routes has no recovery_codes for whoever has nothing else": (
            policy.instead_of_passkey is InsteadOfPasskey.AUTHENTICATOR_APP
            and SecondRoute.RECOVERY_CODES not in policy.second_routes
        ),
        "notice is zero, so nobody would be warned": not policy.notice,
        "probation is zero, so nothing could be restored": not policy.probation,
        "jitter is longer than 4 hours, so it could reach into quiet hours": policy.jitter
        > timedelta(hours=4),
        "quiet hours leave less than 6 hours of the day": _waking_hours(policy) < timedelta(hours=6),
        "last_reminders must each be some time before the end": any(
            before <= timedelta() for before in policy.last_reminders
        ),
        "quiet_zone is no time zone": not is_zone(policy.quiet_zone),
        "patience ends before the last reminder": policy.patience < offsets[-1],
    }
    checks |= {f"{name} is negative": getattr(policy, name) < timedelta() for name in durations}
    broken = [problem for problem, applies in checks.items() if applies]
    return [*broken, *mistakes(policy.recovery)]


def _waking_hours(policy: Policy) -> timedelta:
    """How much of a day is not quiet; two equal times mean that no hour is quiet."""
    asleep, awake = (
        timedelta(hours=at.hour, minutes=at.minute) for at in (policy.quiet_from, policy.quiet_until)
    )
    return (asleep - awake) % timedelta(days=1) or timedelta(days=1)


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or only a part of the world
        return False
    return True
