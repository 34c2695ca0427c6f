"""The series of everything that has happened since the beginning."""

from collections.abc import Mapping

from prometheus_client.core import Metric

from domain.counting import Timing, Total
from domain.journal import EventKind
from offramp.metrics import metrics
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


def series(totals: RunningTotals, names: Mapping[str, str]) -> list[Metric]:
    """All metric families of totals; `names` are the names of cohorts, by id."""
    families = [
        metrics.sampled(
            figure, {_with_cohort_name(figure, labels, names): n for labels, n in _counts(totals, total)}
        )
        for total, figure in _COUNTED.items()
    ]
    return [*families, *(_timed(totals, timing, figure, names) for timing, figure in _TIMED.items())]


def _counts(totals: RunningTotals, total: Total) -> list[tuple[tuple[str, ...], int]]:
    counts = dict(totals.counts[total])
    if total is Total.ENTRIES:
        # Prometheus sees the first entry of a kind as an increase only if the kind began at 0.
        counts = {(kind.value,): 0 for kind in EventKind} | counts
    return list(counts.items())


def _timed(totals: RunningTotals, timing: Timing, figure: Figure, names: Mapping[str, str]) -> Metric:
    family = metrics.family(figure)
    for labels, spread in totals.timings[timing].items():
        family.add_metric(  # type: ignore[attr-defined]
            _with_cohort_name(figure, labels, names), buckets=list(spread.within()), sum_value=spread.seconds
        )
    return family


def _with_cohort_name(figure: Figure, labels: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    if figure.labels[0] != "cohort":
        return labels
    return (names.get(labels[0], labels[0]), *labels[1:])
