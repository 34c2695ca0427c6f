"""What the console shows of a cohort's definition: who is in, in which waves, by which policy, and what stops it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.rollouts.cohorts import Cohort
from domain.rollouts.guardrails import Guardrail
from domain.rollouts.preset_differences import difference
from domain.words.console_words import METRIC_MEANINGS, METRICS, REACTIONS
from domain.words.definition_words import PRESET, DefinedField, DefinitionPart, definition, limit_words
from domain.words.durations import duration

_NAMED_ABOVE = ("policy.name", PRESET)


@dataclass(frozen=True, kw_only=True)
class GuardrailTerms:
    """One guardrail as it was described, assessed or not."""

    metric: str
    meaning: str
    limit: str
    window: str
    least_sample: int
    reaction: str
    by: str


@dataclass(frozen=True, kw_only=True)
class DefinitionView:
    """A definition, part by part. `changed` are the rules of the policy in which it differs from its `preset`."""

    who: Sequence[DefinedField]
    waves: Sequence[DefinedField]
    launches: Sequence[DefinedField]
    policy: str
    preset: str
    changed: Sequence[DefinedField]
    unchanged: Sequence[DefinedField]
    guardrails: Sequence[GuardrailTerms]


def definition_view(cohort: Cohort) -> DefinitionView:
    """The definition of a cohort."""
    defined = definition(cohort)
    rules = [
        field for field in defined if field.part is DefinitionPart.POLICY and field.place not in _NAMED_ABOVE
    ]
    return DefinitionView(
        who=[field for field in defined if field.part is DefinitionPart.WHO],
        waves=[field for field in defined if field.part is DefinitionPart.WAVES],
        launches=[field for field in defined if field.part is DefinitionPart.LAUNCHES],
        policy=cohort.policy.name,
        preset=difference(cohort.policy).preset.name,
        changed=[rule for rule in rules if not rule.is_preset],
        unchanged=[rule for rule in rules if rule.is_preset],
        guardrails=[_terms(guardrail) for guardrail in cohort.guardrails],
    )


def _terms(guardrail: Guardrail) -> GuardrailTerms:
    return GuardrailTerms(
        metric=METRICS[guardrail.metric],
        meaning=METRIC_MEANINGS[guardrail.metric],
        limit=limit_words(guardrail),
        window=duration(guardrail.window),
        least_sample=guardrail.least_sample,
        reaction=REACTIONS[guardrail.reaction],
        by=", ".join(guardrail.by),
    )
