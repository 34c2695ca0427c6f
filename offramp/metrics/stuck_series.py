"""The series about stuck people, by the obstacles that the desk's list shows."""

from collections import Counter
from collections.abc import Sequence

from prometheus_client.core import Metric

from offramp.metrics import metrics
from offramp.metrics.cohort_names import CohortNames
from store.desk.stuck_census import Hindered


def series(groups: Sequence[Hindered], names: CohortNames) -> list[Metric]:
    """All metric families about stuck people."""
    people: Counter[tuple[str, ...]] = Counter()
    obstacles: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        place = (names.label(group.cohort_id), group.wave, group.obstacle.value)
        obstacles[*place, group.age.value] += group.accounts
        if group.is_weightiest:
            people[*place, group.oldest.value] += group.accounts
    return [metrics.sampled(metrics.STUCK, people), metrics.sampled(metrics.OBSTACLES, obstacles)]
