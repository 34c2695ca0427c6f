"""Reads a cohort's policy: the name of a preset, or a table that changes some rules of a preset."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from domain.facts import Channel
from domain.policy import InsteadOfPasskey, InvalidPolicy, NudgeStep, Policy, SecondRoute, UnknownSim
from domain.presets import PRESETS, STANDARD
from domain.recovery_rules import ProofKind, RecoveryRule
from domain.rollouts.end_moves import with_end
from domain.safety.end_dates import EndDate
from services.rollouts.toml_tables import Problems, Table, choice, flag, not_among, text, whole_number
from services.rollouts.toml_values import duration, time_zone, wall_clock

_NEVER = "never"

_READERS: dict[str, Callable[[Any], Any]] = {
    "quiet_from": wall_clock,
    "quiet_until": wall_clock,
    "quiet_zone": time_zone,
    "least_gap": duration,
    "jitter": duration,
    "patience": duration,
    "skips_allowed": whole_number,
    "snooze": duration,
    "proving_days": whole_number,
    "cooling_off": duration,
    "sim_swap_window": duration,
    "unknown_sim": choice(UnknownSim),
    "notice": duration,
    "probation": duration,
    "rest_after_restore": duration,
    "forget_phone": flag,
    "cap": whole_number,
    "cap_window": duration,
    "host_confirms": flag,
    "instead_of_passkey": choice(InsteadOfPasskey),
}


def read_policy(
    top: Table, problems: Problems, *, cohort: str, host_confirms: bool, end: EndDate | None
) -> Policy:
    """The policy of a description. A changed preset is named after preset and cohort, unless the table gives a name.

    `host_confirms` is what holds where the description does not say whether the host confirms the end of codes.
    A policy with an end date is the cohort's own.
    """
    policy = _policy(top, problems, cohort=cohort, host_confirms=host_confirms)
    return with_end(policy, end, cohort=cohort)


def _policy(top: Table, problems: Problems, *, cohort: str, host_confirms: bool) -> Policy:
    if not top.holds("policy", dict):
        return replace(top.take("policy", _preset, STANDARD), host_confirms=host_confirms)
    table = top.table("policy")
    preset = replace(table.take("preset", _preset, STANDARD), host_confirms=host_confirms)
    changes = _changes(table, preset)
    name = table.take("name", text, f"{preset.name} for {cohort}" if changes else preset.name)
    table.close()
    try:
        return replace(preset, name=name, **changes)
    except InvalidPolicy as invalid:
        problems += [_placed(problem) for problem in invalid.problems]
        return preset


def _preset(value: Any) -> Policy:
    if not isinstance(value, str) or value not in PRESETS:
        raise ValueError(not_among(value, list(PRESETS)))
    return PRESETS[value]


def _changes(table: Table, preset: Policy) -> dict[str, Any]:
    """The rules in which the table differs from its preset."""
    rules = {name: table.take(name, read, getattr(preset, name)) for name, read in _READERS.items()}
    rules["mandatory_after"] = table.take("mandatory_after", _duration_or_never, preset.mandatory_after)
    rules["check_up_every"] = table.take("check_up_every", _duration_or_zero, preset.check_up_every)
    rules["last_reminders"] = table.each("last_reminders", duration, preset.last_reminders)
    rules["second_routes"] = table.each("second_routes", choice(SecondRoute), preset.second_routes)
    if table.holds("invitation"):
        rules["invitation"] = _step(table.table("invitation"))
    cadence = table.tables("cadence")
    if cadence is not None:
        rules["cadence"] = tuple(_step(step) for step in cadence)
    recovery = table.tables("recovery")
    if recovery is not None:
        rules["recovery"] = tuple(filter(None, map(_recovery_rule, recovery)))
    return {name: value for name, value in rules.items() if value != getattr(preset, name)}


def _step(table: Table) -> NudgeStep:
    step = NudgeStep(
        after=table.require("after", duration, stand_in=timedelta()),
        channel=table.require("channel", choice(Channel), stand_in=Channel.EMAIL),
    )
    table.close()
    return step


def _recovery_rule(table: Table) -> RecoveryRule | None:
    kinds = table.each("proofs", choice(ProofKind))
    wait = table.require("wait", duration, stand_in=timedelta())
    table.close()
    match kinds:
        case (first, second):
            return RecoveryRule(proofs=(first, second), wait=wait)
    table.refuse("proofs", "must name two kinds of proofs")
    return None


def _duration_or_never(value: Any) -> timedelta | None:
    return None if value == _NEVER else duration(value)


def _duration_or_zero(value: Any) -> timedelta:
    """A time; "never" is no time at all, by which nothing is due."""
    return timedelta() if value == _NEVER else duration(value)


def _placed(problem: str) -> tuple[str, str]:
    """A policy's problem with its place. A problem of one field begins with the field's name."""
    name, _, rest = problem.partition(" ")
    if name in {field.name for field in fields(Policy)}:
        return f"policy.{name}", rest
    return "policy", problem
