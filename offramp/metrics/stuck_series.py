"""The series about who is stuck, by the obstacles that the desk's list knows."""

from collections import Counter
from collections.abc import Mapping, Sequence

from prometheus_client.core import Metric

from offramp.metrics import metrics
from store.desk.stuck_census import Hindered


def series(counted: Sequence[Hindered], names: Mapping[str, str]) -> list[Metric]:
    """All families about the stuck; `names` are those of the cohorts, by id."""
    people: Counter[tuple[str, ...]] = Counter()
    obstacles: Counter[tuple[str, ...]] = Counter()
    for one in counted:
        place = (names.get(one.cohort_id, one.cohort_id), one.wave, one.obstacle.value)
        obstacles[*place, one.age.value] += one.accounts
        if one.is_weightiest:
            people[*place, one.oldest.value] += one.accounts
    return [metrics.sampled(metrics.STUCK, people), metrics.sampled(metrics.OBSTACLES, obstacles)]
