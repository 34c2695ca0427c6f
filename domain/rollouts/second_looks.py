"""A rollback by itself takes two looks: at everybody, and then at people who came at risk after the first failed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.rollouts.guardrails import Assessment, Guardrail, Reaction, Verdict

SUSPECTED = "suspected"
"""The kind of the entry in a cohort's journal that a first failing look leaves."""


def begins_anew(
    guardrail: Guardrail,
    previous: Assessment | None,
    *,
    suspected_at: datetime | None,
    last_suspected_at: datetime | None,
) -> datetime | None:
    """From when on people's time at risk has to begin for a guardrail's first look; None if everybody counts.

    A suspicion ends when the second look passes, or when an operator decides otherwise. Whoever led to it would only
    raise it again, so the first look begins anew with people who came after it.
    """
    if previous is None or guardrail.reaction is not Reaction.ROLLBACK:
        return None
    if previous.is_suspected and suspected_at is None:
        return last_suspected_at or previous.entered_since
    return previous.entered_since


def first_look(
    assessment: Assessment,
    previous: Assessment | None,
    *,
    suspected_at: datetime | None,
    entered_since: datetime | None,
) -> Assessment:
    """Say whether a guardrail that rolls back has failed, now or at the look that the suspicion stands for."""
    if assessment.guardrail.reaction is not Reaction.ROLLBACK:
        return assessment
    had_failed = previous is not None and previous.is_suspected and suspected_at is not None
    is_suspected = had_failed or assessment.verdict is Verdict.FAILED
    slices = previous.slices if previous and had_failed and not assessment.slices else assessment.slices
    return replace(assessment, is_suspected=is_suspected, entered_since=entered_since, slices=slices)


def second_look(assessment: Assessment, later: Assessment) -> Assessment:
    """Add what the same guardrail says of the people who came later.

    Where slices have failed and not all together, all together do not clear them: an operator decides.
    """
    verdict = later.verdict
    if assessment.slices and verdict is Verdict.PASSED:
        verdict = Verdict.INCONCLUSIVE
    return replace(assessment, second=later.sample, second_verdict=verdict)


def previous_of(guardrail: Guardrail, assessments: Sequence[Assessment]) -> Assessment | None:
    """The same guardrail's last assessment; None if it is new, or was edited."""
    return next((assessment for assessment in assessments if assessment.guardrail == guardrail), None)


def rolls_back(assessment: Assessment) -> bool:
    """Whether both looks have failed."""
    return assessment.is_suspected and assessment.second_verdict is Verdict.FAILED


def is_cleared(assessments: Sequence[Assessment]) -> bool:
    """Whether a suspicion is over: the second look has passed for every suspected guardrail that there still is."""
    return all(
        assessment.second_verdict is Verdict.PASSED for assessment in assessments if assessment.is_suspected
    )
