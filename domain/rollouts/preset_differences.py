"""Which preset a policy comes from. A stored policy has forgotten it, so the one with the fewest other rules counts."""

from dataclasses import dataclass, fields

from domain.policy import Policy
from domain.presets import PRESETS

_NO_RULES = ("name", "end")
"""What a cohort gives its policy beside the rules of its preset."""


@dataclass(frozen=True, kw_only=True)
class PresetDifference:
    """A preset, and the names of the rules in which a policy differs from it."""

    preset: Policy
    rules: tuple[str, ...]


def difference(policy: Policy) -> PresetDifference:
    """The preset with the fewest other rules. Of equals, the one after which the policy is called, else the first."""
    compared = [PresetDifference(preset=preset, rules=_rules(policy, preset)) for preset in PRESETS.values()]
    return min(
        compared, key=lambda each: (len(each.rules), not policy.name.startswith(f"{each.preset.name} "))
    )


def _rules(policy: Policy, preset: Policy) -> tuple[str, ...]:
    names = (field.name for field in fields(Policy) if field.name not in _NO_RULES)
    return tuple(name for name in names if getattr(policy, name) != getattr(preset, name))
