"""A cohort's definition in words, field by field: who is in, the waves, the launches, the policy, what stops it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from domain.policy import Policy
from domain.rollouts.cohorts import Cohort, Who
from domain.rollouts.guardrails import Against, Guardrail, Metric
from domain.rollouts.launch_windows import LaunchWindows, Weekday
from domain.rollouts.preset_differences import difference
from domain.words.console_words import METRICS, REACTIONS
from domain.words.durations import exact_duration
from domain.words.rule_words import RULES, rule_words, value_words


class DefinitionPart(StrEnum):
    """Where in a definition a field belongs."""

    WHO = "Who"
    WAVES = "Waves"
    LAUNCHES = "Launches"
    POLICY = "Policy"
    GUARDRAILS = "Guardrails"


@dataclass(frozen=True, kw_only=True)
class DefinedField:
    """One field, with its path in the description as `place`; `is_preset`: it is as the preset of the policy has it."""

    part: DefinitionPart
    place: str
    label: str
    text: str
    is_preset: bool = False


_CRITERIA = {
    "external_ids": "accounts",
    "countries": "countries",
    "locales": "languages",
    "risk_tiers": "risk tiers",
    "signed_in_since": "signed in since",
    "phone_only": "phone only",
    "device_ready": "set-up shown on a device that can do it",
    "attributes": "attributes",
}
_FEW = 12
"""So many ids are named; of more, only how many there are."""

PRESET = "policy.preset"
"""The place of the preset's name."""


def definition(cohort: Cohort) -> tuple[DefinedField, ...]:
    """All fields, part by part. What has another meaning has another place, so two definitions compare by places."""
    return (*_who(cohort), *_waves(cohort), *_launches(cohort), *_policy(cohort.policy), *_guardrails(cohort))


def _who(cohort: Cohort) -> Iterator[DefinedField]:
    if cohort.include == Who():
        yield _field(DefinitionPart.WHO, "include", "Included", "everybody")
    yield from _criteria("include", "Included", cohort.include)
    if cohort.exclude:
        yield from _criteria("exclude", "Excluded", cohort.exclude)
    held_out = f"{cohort.holdout_percent:g} %" if cohort.holdout_percent else "nobody"
    yield _field(DefinitionPart.WHO, "holdout_percent", "Held out", held_out)


def _criteria(place: str, label: str, who: Who) -> Iterator[DefinedField]:
    for name, words in _CRITERIA.items():
        value = getattr(who, name)
        if value not in (None, (), {}):
            yield _field(DefinitionPart.WHO, f"{place}.{name}", f"{label}: {words}", _criterion(value))


def _criterion(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{name} = {worth}" for name, worth in value.items())
        case tuple() if len(value) > _FEW:
            return f"{', '.join(value[:_FEW])} and {len(value) - _FEW:,} more"
        case tuple():
            return ", ".join(value)
        case datetime():
            return _instant(value)
    return value_words(value)


def _waves(cohort: Cohort) -> Iterator[DefinedField]:
    for number, wave in enumerate(cohort.waves):
        place, label = f"waves[{number}]", f"Wave {number + 1}"
        yield _field(DefinitionPart.WAVES, f"{place}.percent", f"{label}: reaches", f"{wave.percent:g} %")
        yield _field(DefinitionPart.WAVES, f"{place}.bake", f"{label}: bakes for", exact_duration(wave.bake))


def _launches(cohort: Cohort) -> Iterator[DefinedField]:
    windows, end = cohort.windows, cohort.policy.end
    yield _field(DefinitionPart.LAUNCHES, "pace", "Pace", f"{cohort.pace:,} journeys a minute")
    yield _field(DefinitionPart.LAUNCHES, "windows.weekdays", "Days", _weekdays(windows))
    yield _field(DefinitionPart.LAUNCHES, "windows.opens", "Hours", _hours(windows))
    for number, freeze in enumerate(windows.freezes):
        why = f" ({freeze.reason})" if freeze.reason else ""
        text = f"{_instant(freeze.begins)} to {_instant(freeze.ends)}{why}"
        yield _field(DefinitionPart.LAUNCHES, f"windows.freezes[{number}]", f"Freeze {number + 1}", text)
    yield _field(
        DefinitionPart.LAUNCHES,
        "assess_every",
        "Guardrails assessed every",
        exact_duration(cohort.assess_every),
    )
    yield _field(DefinitionPart.LAUNCHES, "end", "End date", _instant(end.at) if end else "none")


def _weekdays(windows: LaunchWindows) -> str:
    if len(windows.weekdays) == len(Weekday):
        return "every day"
    return ", ".join(day.name.capitalize() for day in windows.weekdays)


def _hours(windows: LaunchWindows) -> str:
    if windows.opens == windows.closes:
        return f"all day, in {windows.time_zone}"
    return f"{windows.opens:%H:%M} to {windows.closes:%H:%M} in {windows.time_zone}"


def _policy(policy: Policy) -> Iterator[DefinedField]:
    nearest = difference(policy)
    yield _field(DefinitionPart.POLICY, "policy.name", "Called", policy.name)
    yield _field(DefinitionPart.POLICY, PRESET, "Preset", nearest.preset.name)
    for rule in (field.name for field in fields(Policy) if field.name in RULES):
        yield DefinedField(
            part=DefinitionPart.POLICY,
            place=f"policy.{rule}",
            label=RULES[rule],
            text=rule_words(rule, getattr(policy, rule)),
            is_preset=rule not in nearest.rules,
        )


def _guardrails(cohort: Cohort) -> Iterator[DefinedField]:
    """Each guardrail by its metric, with a number where a metric has several."""
    many = Counter(guardrail.metric for guardrail in cohort.guardrails)
    so_far: Counter[Metric] = Counter()
    for guardrail in cohort.guardrails:
        metric = guardrail.metric
        so_far[metric] += 1
        number = str(so_far[metric]) if many[metric] > 1 else ""
        label = f"{METRICS[metric]} ({number})" if number else METRICS[metric]
        for name, words, text in _terms(guardrail):
            place = f"guardrails[{f'{metric} {number}'.strip()}].{name}"
            yield _field(DefinitionPart.GUARDRAILS, place, f"{label}: {words}", text)


def _terms(guardrail: Guardrail) -> tuple[tuple[str, str, str], ...]:
    """The key, the words and the value of each term."""
    return (
        ("limit", "limit", limit_words(guardrail)),
        ("least_sample", "least sample", f"{guardrail.least_sample:,}"),
        ("window", "window", exact_duration(guardrail.window)),
        ("reaction", "if it fails", REACTIONS[guardrail.reaction]),
        ("by", "asked also by", ", ".join(guardrail.by) or "nothing"),
    )


def limit_words(guardrail: Guardrail) -> str:
    """The limit, and whether it is on top of the holdout's rate."""
    on_top = "held out + " if guardrail.against is Against.HOLDOUT else ""
    return f"{on_top}{guardrail.limit * 100:g} %"


def _field(part: DefinitionPart, place: str, label: str, text: str) -> DefinedField:
    return DefinedField(part=part, place=place, label=label, text=text)


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
