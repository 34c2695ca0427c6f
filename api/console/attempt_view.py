"""What fails where, and who takes codes although they have a passkey, as the Adoption page and the report show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from api.console.funnel_view import Share
from domain.attempts import AttemptEnd
from domain.words.attempt_words import ENDS, FACETS, KINDS, REASONS, SMS_REASONS, slice_name
from store.figures.attempt_figures import AttemptFigures, CeremonyCount, HolderCount

MOST = 8
"""How many slices of one facet are shown; the report in CSV has all."""


@dataclass(frozen=True, kw_only=True)
class CeremonyRow:
    """One slice's ceremonies of one kind; percents are of all that were tried."""

    label: str
    kind: str
    count: CeremonyCount

    @property
    def percent(self) -> float:
        """The share that succeeded."""
        return 100 * self.count.succeeded / self.count.tried


@dataclass(frozen=True, kw_only=True)
class HolderRow:
    """One slice's sign-ins of people who have a passkey."""

    label: str
    count: HolderCount

    @property
    def percent(self) -> float:
        """The share of text-message codes."""
        return 100 * self.count.share


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """The figures in words. `ceremonies` and `holders` are by facet; `left_out` says how many slices are not shown."""

    figures: AttemptFigures
    ceremonies: tuple[tuple[str, tuple[CeremonyRow, ...]], ...]
    holders: tuple[tuple[str, tuple[HolderRow, ...]], ...]
    failures: tuple[Share, ...]
    sms_reasons: tuple[Share, ...]
    left_out: int

    @property
    def prompts(self) -> str:
        """What became of the prompts, in a sentence; empty without any."""
        return _prompts(self.figures)


def view(figures: AttemptFigures) -> AttemptView:
    """Put the figures into words."""
    failed = sum(figures.failures.values())
    return AttemptView(
        figures=figures,
        ceremonies=tuple(_ceremonies(figures.ceremonies)),
        holders=tuple(_holders(figures.holders)),
        failures=tuple(
            _share(f"{KINDS[kind]}: {REASONS.get(reason, ENDS[end])}", count, failed)
            for (kind, end, reason), count in figures.failures.items()
        ),
        sms_reasons=tuple(
            _share(SMS_REASONS[reason], count, figures.by_sms)
            for reason, count in figures.sms_reasons.items()
        ),
        left_out=_left_out(figures.ceremonies) + _left_out(figures.holders),
    )


def _prompts(figures: AttemptFigures) -> str:
    counts = [(end, figures.prompts.get(end, 0)) for end in (AttemptEnd.PUT_OFF, AttemptEnd.DECLINED)]
    shown = figures.prompts.get(AttemptEnd.SHOWN, 0)
    if not shown and not any(count for _, count in counts):
        return ""
    said = " and ".join(f"{count:,} {ENDS[end]}" for end, count in counts)
    return f"Prompts: {shown:,} shown, {said}."


def _ceremonies(counts: Sequence[CeremonyCount]) -> Iterator[tuple[str, tuple[CeremonyRow, ...]]]:
    for facet, group in groupby(counts, key=lambda count: count.facet):
        rows = [
            CeremonyRow(label=slice_name(facet, count.value), kind=KINDS[count.kind], count=count)
            for count in group
        ]
        yield FACETS[facet], tuple(rows[:MOST])


def _holders(counts: Sequence[HolderCount]) -> Iterator[tuple[str, tuple[HolderRow, ...]]]:
    for facet, group in groupby(counts, key=lambda count: count.facet):
        rows = [HolderRow(label=slice_name(facet, count.value), count=count) for count in group]
        if not any(row.count.value for row in rows):
            continue  # a table of what nobody knows says nothing
        yield FACETS[facet], tuple(rows[:MOST])


def _share(label: str, count: int, whole: int) -> Share:
    return Share(label=label, count=count, percent=round(100 * count / whole, 1) if whole else 0.0)


def _left_out(counts: Sequence[CeremonyCount] | Sequence[HolderCount]) -> int:
    groups = groupby(counts, key=lambda count: count.facet)
    return sum(max(len(list(group)) - MOST, 0) for _, group in groups)
