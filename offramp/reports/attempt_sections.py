"""What fails where, and codes of people who have a passkey, as tables and as numbers of the report."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.console.attempt_view import AttemptView
from api.console.funnel_view import Share
from store.figures.attempt_figures import AttemptFigures

_ENDS = ("succeeded", "given_up", "failed", "refused")


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """One table with its title and its columns' titles."""

    title: str
    titles: list[str]
    rows: Iterator[list[str]]


def tables(view: AttemptView) -> Iterator[ReportTable]:
    """All tables that have rows."""
    for facet, holders in view.holders:
        yield ReportTable(
            title=f"Text-message codes of people who have a passkey: {facet.lower()}",
            titles=["who", "their sign-ins", "by code", "share"],
            rows=(
                [row.label, f"{row.count.sign_ins:,}", f"{row.count.by_sms:,}", f"{row.percent:.1f} %"]
                for row in holders
            ),
        )
    yield _shares("Text-message codes of people who have a passkey: why", view.sms_reasons)
    for facet, ceremonies in view.ceremonies:
        yield ReportTable(
            title=f"What failed, and where: {facet.lower()}",
            titles=["where", "passkey", "tried", "succeeded", "given up", "failed", "refused", "median"],
            rows=(
                [
                    *(row.label, row.kind, f"{row.count.tried:,}"),
                    *(f"{getattr(row.count, end):,}" for end in _ENDS),
                    "" if row.count.seconds is None else f"{row.count.seconds:.1f} s",
                ]
                for row in ceremonies
            ),
        )
    yield _shares("What failed, and why", view.failures)


def numbers(figures: AttemptFigures) -> Iterator[tuple[str, str, float]]:
    """Every number of every slice, by its figure and its name: what, whom, and how it ended."""
    for holder in figures.holders:
        name = f"{holder.facet}:{holder.value}"
        yield "holders_sign_ins", name, holder.sign_ins
        yield "holders_by_sms", name, holder.by_sms
    for reason, count in figures.sms_reasons.items():
        yield "holders_sms_reasons", reason, count
    for ceremony in figures.ceremonies:
        name = f"{ceremony.facet}:{ceremony.value}:{ceremony.kind}"
        for end in _ENDS:
            yield f"ceremonies_{end}", name, getattr(ceremony, end)
        if ceremony.seconds is not None:
            yield "ceremony_seconds", name, round(ceremony.seconds, 3)
    for (kind, end, reason), count in figures.failures.items():
        yield "ceremony_failures", f"{kind}:{end}:{reason}", count
    for outcome, count in figures.prompts.items():
        yield "prompts", outcome, count


def _shares(title: str, shares: tuple[Share, ...]) -> ReportTable:
    rows = ([share.label, f"{share.count:,}", f"{share.percent:.1f} %"] for share in shares)
    return ReportTable(title=title, titles=["why", "times", "share"], rows=rows)
