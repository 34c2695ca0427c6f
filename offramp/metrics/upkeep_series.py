"""The series about what has to be looked at again: who is one loss away, and which exemptions are due for review."""

from collections import Counter
from collections.abc import Mapping

from prometheus_client.core import Metric

from domain.counting import Placement
from domain.desk.exemptions import ExemptionStanding
from domain.upkeep.possessions import Thing
from offramp.metrics import metrics
from offramp.metrics.cohort_names import CohortNames


def series(accounts: Mapping[tuple[Placement, Thing], int], names: CohortNames) -> list[Metric]:
    """Accounts by cohort and wave, and by the thing on which they hang."""
    totals: Counter[tuple[str, ...]] = Counter()
    for (place, thing), count in accounts.items():
        totals[names.label(place.cohort), place.wave, thing.value] += count
    return [metrics.sampled(metrics.ONE_LOSS_AWAY, totals)]


def exemptions(standings: Mapping[ExemptionStanding, int]) -> Metric:
    """Exemptions that last, by how they stand."""
    return metrics.sampled(
        metrics.EXEMPTIONS, {(standing.value,): count for standing, count in standings.items()}
    )
