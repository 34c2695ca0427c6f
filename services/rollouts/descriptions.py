"""Describes a cohort by the tables of a TOML file: the way back from `cohort_files`."""

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from domain.policy import NudgeStep, Policy
from domain.recovery_rules import RecoveryRule
from domain.rollouts.cohorts import Cohort, Who
from domain.rollouts.guardrails import Against, Guardrail
from domain.rollouts.launch_windows import Freeze, LaunchWindows
from domain.rollouts.preset_differences import difference
from domain.safety.end_dates import EndDate
from services.rollouts import toml_texts
from services.rollouts.durations import written_duration

_NEVER = "never"
_NO_RULES = ("name", "end")


def written(cohort: Cohort, *, name: str = "") -> str:
    """The description in TOML, from which the same cohort is read; with a `name`, one like it of another name."""
    return toml_texts.write(tables(_renamed(cohort, name) if name else cohort))


def tables(cohort: Cohort, *, is_whole: bool = False) -> dict[str, Any]:
    """The description as tables. Of its policy the rules that differ from the preset, or all if it `is_whole`."""
    described: dict[str, Any] = {
        "name": cohort.name,
        "holdout_percent": _number(cohort.holdout_percent),
        "pace": cohort.pace,
        "assess_every": written_duration(cohort.assess_every),
        **_end(cohort.policy.end, cohort.windows.time_zone),
    }
    if not cohort.guardrails:
        described["guardrails"] = []
    described["include"] = _who(cohort.include)
    if cohort.exclude is not None:
        described["exclude"] = _who(cohort.exclude)
    described["policy"] = _policy(cohort, is_whole=is_whole)
    described["waves"] = [
        {"percent": _number(wave.percent), "bake": written_duration(wave.bake)} for wave in cohort.waves
    ]
    described["windows"] = _windows(cohort.windows)
    if cohort.guardrails:
        described["guardrails"] = [_guardrail(guardrail) for guardrail in cohort.guardrails]
    return {key: value for key, value in described.items() if value != {}}


def _renamed(cohort: Cohort, name: str) -> Cohort:
    """A policy that is called after the cohort is called after the new one."""
    policy = cohort.policy
    after = f" for {cohort.name}"
    if policy.name.endswith(after):
        policy = replace(policy, name=f"{policy.name.removesuffix(after)} for {name}")
    return replace(cohort, name=name, policy=policy)


def _policy(cohort: Cohort, *, is_whole: bool) -> dict[str, Any]:
    """`host_confirms` is always said: what holds without it depends on the keys of the host."""
    policy, nearest = cohort.policy, difference(cohort.policy)
    rules = [field.name for field in fields(Policy) if field.name not in _NO_RULES]
    said = rules if is_whole else [name for name in rules if name in (*nearest.rules, "host_confirms")]
    is_changed = bool(set(nearest.rules) - {"host_confirms"})
    called = (
        {} if _is_called_so(cohort, nearest.preset.name, is_changed=is_changed) else {"name": policy.name}
    )
    return {"preset": nearest.preset.name, **called, **{name: _rule(policy, name) for name in said}}


def _is_called_so(cohort: Cohort, preset: str, *, is_changed: bool) -> bool:
    """Whether the policy has the name that a description gives it that names none, whatever the host has."""
    return is_changed and cohort.policy.name == f"{preset} for {cohort.name}"


def _rule(policy: Policy, name: str) -> Any:
    value = getattr(policy, name)
    if name in ("mandatory_after", "check_up_every") and not value:
        return _NEVER if name == "check_up_every" or value is None else written_duration(value)
    return _value(value)


def _value(value: Any) -> Any:
    match value:
        case timedelta():
            return written_duration(value)
        case time():
            return f"{value:%H:%M}"
        case Enum():
            return value.value
        case NudgeStep():
            return {"after": written_duration(value.after), "channel": value.channel.value}
        case RecoveryRule():
            return {"proofs": [kind.value for kind in value.proofs], "wait": written_duration(value.wait)}
        case tuple():
            return [_value(each) for each in value]
    return value


def _who(who: Who) -> dict[str, Any]:
    said = {field.name: getattr(who, field.name) for field in fields(Who)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value not in (None, (), {})
    }


def _windows(windows: LaunchWindows) -> dict[str, Any]:
    """Only what differs from "always"."""
    always = LaunchWindows()
    said: dict[str, Any] = {}
    if windows.weekdays != always.weekdays:
        said["weekdays"] = [day.name.lower()[:3] for day in windows.weekdays]
    if (windows.opens, windows.closes) != (always.opens, always.closes):
        said |= {"opens": f"{windows.opens:%H:%M}", "closes": f"{windows.closes:%H:%M}"}
    if windows.time_zone != always.time_zone:
        said["time_zone"] = windows.time_zone
    if windows.freezes:
        said["freezes"] = [_freeze(freeze, windows.time_zone) for freeze in windows.freezes]
    return said


def _freeze(freeze: Freeze, zone: str) -> dict[str, Any]:
    reason = {"reason": freeze.reason} if freeze.reason else {}
    return {"begins": _moment(freeze.begins, zone), "ends": _moment(freeze.ends, zone), **reason}


def _moment(at: datetime, zone: str) -> Any:
    """A day if it is its first moment there; else the moment with its offset, in UTC."""
    local = at.astimezone(ZoneInfo(zone))
    if datetime.combine(local.date(), time(), ZoneInfo(zone)).astimezone(UTC) == at:
        return local.date()
    return at.astimezone(UTC)


def _end(end: EndDate | None, zone: str) -> dict[str, Any]:
    if end is None:
        return {}
    local = end.at.astimezone(ZoneInfo(zone))
    # An hour that comes twice when clocks go back is named by UTC.
    written_clock = local.time().replace(fold=0)
    is_clear = datetime.combine(local.date(), written_clock, ZoneInfo(zone)).astimezone(UTC) == end.at
    said = local if is_clear else end.at.astimezone(UTC)
    return {
        "end": said.date(),
        "end_time": f"{said:%H:%M}",
        "end_zone": zone if is_clear else "UTC",
        "after_end": end.after.value,
    }


def _guardrail(guardrail: Guardrail) -> dict[str, Any]:
    against = {} if guardrail.against is Against.LIMIT else {"against": guardrail.against.value}
    by = {"by": [dimension.value for dimension in guardrail.by]} if guardrail.by else {}
    return {
        "metric": guardrail.metric.value,
        "limit": _rate(guardrail.limit),
        "least_sample": guardrail.least_sample,
        "window": written_duration(guardrail.window),
        "reaction": guardrail.reaction.value,
        **against,
        **by,
    }


def _rate(rate: float) -> Any:
    percent = f"{rate * 100:g}"
    return f"{percent}%" if float(percent) / 100 == rate else rate


def _number(value: float) -> Any:
    """A whole number without its ".0"."""
    return int(value) if value == int(value) else value
