"""Says why members were passed over when a launch came to them."""

from collections.abc import Mapping

from domain.rollouts.cohorts import Ineligibility
from domain.words.cohort_captions import OBSTACLES


def why_passed_over(counts: Mapping[Ineligibility, int]) -> str:
    """How many members were passed over, and how many for each reason; empty if nobody was."""
    if not counts:
        return ""
    reasons = ", ".join(f"{people} because they {OBSTACLES[because]}" for because, people in counts.items())
    return f"{sum(counts.values())} passed over: {reasons}"
