"""The series about what comes after the end: who is one loss away from being locked out."""

from collections import Counter
from collections.abc import Mapping

from prometheus_client.core import Metric

from domain.counting import Placement
from domain.upkeep.possessions import Thing
from offramp.metrics import metrics
from offramp.metrics.cohort_names import CohortNames


def series(accounts: Mapping[tuple[Placement, Thing], int], names: CohortNames) -> list[Metric]:
    """Accounts by cohort and wave, and by the thing on which they hang."""
    totals: Counter[tuple[str, ...]] = Counter()
    for (place, thing), count in accounts.items():
        totals[names.label(place.cohort), place.wave, thing.value] += count
    return [metrics.sampled(metrics.ONE_LOSS_AWAY, totals)]
