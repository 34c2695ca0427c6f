"""The series of the last day's ceremonies, and of the sign-ins of people who have a passkey, slice by slice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from prometheus_client.core import Metric

from domain.attempts import Facet
from offramp.metrics import metrics
from store.figures.attempt_figures import AttemptFigures, CeremonyCount, HolderCount

LATELY = timedelta(days=1)

MOST = 15
"""How many slices of one facet have a series of their own: the largest. What is in the others is added up."""

REST = "rest"
UNKNOWN = "unknown"

_ENDS = ("succeeded", "given_up", "failed", "refused")


def series(figures: AttemptFigures) -> list[Metric]:
    """All metric families of attempts."""
    ceremonies: Counter[tuple[str, ...]] = Counter()
    own = _own((count.facet, count.value, count.tried) for count in figures.ceremonies)
    for count in figures.ceremonies:
        for end in _ENDS:
            ceremonies[*_slice(count, own), count.kind, end] += getattr(count, end)
    return [
        metrics.sampled(metrics.CEREMONIES_LATELY, ceremonies),
        metrics.sampled(metrics.CEREMONY_SECONDS, _seconds(figures.ceremonies, own)),
        metrics.sampled(metrics.HOLDERS_SIGN_INS, _sign_ins(figures.holders)),
        metrics.sampled(
            metrics.HOLDERS_CODES, {(reason,): count for reason, count in figures.sms_reasons.items()}
        ),
    ]


def _seconds(counts: Sequence[CeremonyCount], own: set[tuple[Facet, str]]) -> dict[tuple[str, ...], float]:
    return {
        (*_slice(count, own), count.kind): count.seconds
        for count in counts
        if count.seconds is not None and (count.facet, count.value) in own
    }


def _sign_ins(counts: Sequence[HolderCount]) -> Counter[tuple[str, ...]]:
    own = _own((count.facet, count.value, count.sign_ins) for count in counts)
    sign_ins: Counter[tuple[str, ...]] = Counter()
    for count in counts:
        sign_ins[*_slice(count, own), "sms"] += count.by_sms
        sign_ins[*_slice(count, own), "other"] += count.sign_ins - count.by_sms
    return sign_ins


def _own(sizes: Iterable[tuple[Facet, str, int]]) -> set[tuple[Facet, str]]:
    """The slices with a series of their own."""
    by_facet: defaultdict[Facet, Counter[str]] = defaultdict(Counter)
    for facet, value, size in sizes:
        by_facet[facet][value] += size
    return {(facet, value) for facet, counted in by_facet.items() for value, _ in counted.most_common(MOST)}


def _slice(count: CeremonyCount | HolderCount, own: set[tuple[Facet, str]]) -> tuple[str, str]:
    is_own = (count.facet, count.value) in own
    return count.facet, (count.value or UNKNOWN) if is_own else REST
