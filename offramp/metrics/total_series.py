"""The series of everything that has happened since the beginning."""

from prometheus_client.core import Metric

from domain.counting import BOUNDS, Timing, Total, expected_counts, expected_timings
from domain.distributions import Distribution
from offramp.metrics import metrics
from offramp.metrics.cohort_names import CohortNames
from offramp.metrics.metrics import Figure
from store.figures.running_totals import RunningTotals

_COUNTED: dict[Total, Figure] = {
    Total.ENTRIES: metrics.JOURNAL_ENTRIES,
    Total.STARTED: metrics.JOURNEYS_STARTED,
    Total.SIGN_INS: metrics.SIGN_INS,
    Total.REFUSALS: metrics.REFUSALS,
    Total.CEREMONIES: metrics.CEREMONIES,
    Total.PROMPTS: metrics.PROMPTS,
    Total.MESSAGES: metrics.MESSAGES,
    Total.TEXTS: metrics.SMS_SENT,
}
_TIMED: dict[Timing, Figure] = {
    Timing.STEPS: metrics.STEP_DURATION,
    Timing.SIGN_INS: metrics.SIGN_IN_DURATION,
    Timing.MESSAGES: metrics.MESSAGE_DELAY,
}


def series(totals: RunningTotals, names: CohortNames) -> list[Metric]:
    """All metric families of totals. What an alert asks for is 0 before it has ever happened."""
    zeros = expected_counts(names.places())
    families = [
        metrics.sampled(figure, _counts(totals, total, zeros.get(total, []), names))
        for total, figure in _COUNTED.items()
    ]
    return [*families, *(_timed(totals, timing, names) for timing in _TIMED)]


def _counts(
    totals: RunningTotals, total: Total, zeros: list[tuple[str, ...]], names: CohortNames
) -> dict[tuple[str, ...], float]:
    counts: dict[tuple[str, ...], float] = dict.fromkeys(zeros, 0)
    # Added up, because operators may have called a cohort `none` or `ended`.
    for labels, count in totals.counts[total].items():
        if shown_labels := _shown(_COUNTED[total], labels, names):
            counts[shown_labels] = counts.get(shown_labels, 0) + count
    return counts


def _timed(totals: RunningTotals, timing: Timing, names: CohortNames) -> Metric:
    figure = _TIMED[timing]
    spreads = {labels: Distribution(BOUNDS[timing]) for labels in expected_timings().get(timing, [])}
    for labels, spread in totals.timings[timing].items():
        if shown_labels := _shown(figure, labels, names):
            spreads.setdefault(shown_labels, Distribution(BOUNDS[timing])).add_all(spread)
    family = metrics.family(figure)
    for labels, spread in spreads.items():
        family.add_metric(labels, buckets=list(spread.within()), sum_value=spread.seconds)  # type: ignore[attr-defined]
    return family


def _shown(figure: Figure, labels: tuple[str, ...], names: CohortNames) -> tuple[str, ...]:
    """The labels with the cohort's name; empty if the cohort has left the metrics."""
    if figure.labels[0] != "cohort":
        return labels
    return (names.label(labels[0]), *labels[1:]) if names.has_series(labels[0]) else ()
