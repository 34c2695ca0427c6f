"""The rules of a policy in words: what each is called, and its value as people read it."""

from datetime import time, timedelta
from typing import Any

from domain.policy import NudgeStep
from domain.recovery_rules import RecoveryRule
from domain.words.durations import exact_duration

RULES = {
    "invitation": "Invitation",
    "cadence": "Reminders after it",
    "quiet_from": "Quiet from",
    "quiet_until": "Quiet until",
    "quiet_zone": "Quiet hours where no zone is known",
    "least_gap": "Least time between reminders",
    "jitter": "Reminders spread over",
    "patience": "Patience with each step",
    "skips_allowed": "Times that the prompt can be put off",
    "snooze": "Prompt comes back after",
    "mandatory_after": "Prompt is mandatory after",
    "proving_days": "Days on which a passkey has to sign in",
    "second_routes": "What counts as a second way in",
    "cooling_off": "Cooling-off",
    "sim_swap_window": "SIM swap counts for",
    "unknown_sim": "SIM of which nothing is known",
    "notice": "Notice before codes are suspended",
    "probation": "Codes can be restored for",
    "rest_after_restore": "Rest after a restore",
    "forget_phone": "Phone number is forgotten at the end",
    "cap": "Most reminders to one contact",
    "cap_window": "Within",
    "host_confirms": "Host confirms the end of codes",
    "recovery": "Proofs that let an owner back in",
    "check_up_every": "Check-up every",
    "instead_of_passkey": "In place of a passkey",
    "last_reminders": "Reminders before the end date",
}
"""Every rule by its key in a description."""

_ZERO_MEANS = {"cap": "no cap", "check_up_every": "never"}


def rule_words(rule: str, value: Any) -> str:
    """The value of a rule."""
    return _ZERO_MEANS[rule] if rule in _ZERO_MEANS and not value else value_words(value)


def value_words(value: Any, *, between: str = "; ") -> str:
    """A value as people read it; `between` the values of a list."""
    match value:
        case timedelta():
            return exact_duration(value)
        case time():
            return f"{value:%H:%M}"
        case NudgeStep():
            return (
                f"{value.channel} after {exact_duration(value.after)}"
                if value.after
                else f"{value.channel} at once"
            )
        case RecoveryRule():
            wait = exact_duration(value.wait) if value.wait else "no wait"
            return f"{' and '.join(value.proofs)}: {wait}"
        case tuple():
            return between.join(value_words(each, between=between) for each in value) or "none"
        case bool():
            return "yes" if value else "no"
        case None:
            return "never"
    return str(value)
