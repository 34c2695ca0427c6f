"""`offramp drill`: says who would still get in after a loss, by which way and after how long."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer

from domain.upkeep.drills import Loss, TimedWay, WayBack
from domain.words.durations import duration
from domain.words.upkeep_words import LOSSES, WAYS
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import Exit, fail, note, out, print_json
from services.rollouts.cohort_portraits import get_by_name
from services.upkeep import drills
from services.upkeep.drills import DrillCount, Drilled
from store.engine.spreadsheets import harmless

COLUMNS = ("external_id", "account_id", "sms", "way")
_NONE = "none"


def drill(cohort: str, loss: Loss, *, as_json: bool, into: Path | None, limit: int) -> None:
    """Play a loss through, and show the counts and who would need help; exit code 1 if anybody would."""
    settings = runnable_settings()
    first: list[Drilled] = []
    with opened_database(settings) as database, _writing(into) as write:

        def tell(drilled: Drilled) -> None:
            if len(first) < limit:
                first.append(drilled)
            write(drilled)

        with database.reading() as session:
            cohort_id = get_by_name(session, cohort).cohort_id
        count = drills.drill(
            database,
            cohort_id,
            loss,
            clock=clock,
            rescue_delay=settings.rescue_delay,
            email_recovers=settings.email_recovers,
            tell=tell,
            progress=lambda people: note(f"{people:,} people looked at"),
        )
    if as_json:
        print_json(_answer(cohort, loss, count, first))
    else:
        _show(cohort, loss, count, first, into=into)
    raise typer.Exit(Exit.NOT_WELL if count.with_help or count.not_at_all else Exit.OK)


@contextmanager
def _writing(into: Path | None) -> Iterator[Callable[[Drilled], None]]:
    """Write everybody who would need help into a file, line by line, or nowhere."""
    if into is None:
        yield lambda _: None
        return
    try:
        with into.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(COLUMNS)
            yield lambda drilled: lines.writerow(harmless(_cells(drilled)))
    except OSError as error:
        fail(f"{into} cannot be written: {error.strerror}", Exit.USAGE)
    note(f"Wrote {into}")


def _cells(drilled: Drilled) -> tuple[str, ...]:
    return drilled.external_id, drilled.account_id, drilled.sms, _way(drilled)


def _way(drilled: Drilled) -> str:
    return drilled.first_way.way if drilled.first_way else _NONE


def _answer(cohort: str, loss: Loss, count: DrillCount, first: list[Drilled]) -> dict[str, Any]:
    return {
        "cohort": cohort,
        "lose": loss,
        "people": count.people,
        "alone": count.alone,
        "with_help": count.with_help,
        "not_at_all": count.not_at_all,
        "ways": [
            {
                "way": timed.way,
                "wait_seconds": timed.wait,
                "first": count.first_ways[timed],
                "have": count.ways[timed],
            }
            for timed in _in_order(count)
        ],
        "would_need_help": [dict(zip(COLUMNS, _cells(drilled), strict=True)) for drilled in first],
    }


def _show(cohort: str, loss: Loss, count: DrillCount, first: list[Drilled], *, into: Path | None) -> None:
    out.print(f"{count.people:,} people of {cohort}, if everybody lost {LOSSES[loss]}:", markup=False)
    if count.ways:
        titles = ("get in by", "after", "first choice of", "open to")
        out.print(Listing(titles=titles, rows=list(map(_row(count), _in_order(count))), numbers=titles[2:]))
    out.print(
        f"{count.alone:,} get in by themselves, {count.with_help:,} with support's help alone, "
        f"and {count.not_at_all:,} not at all"
    )
    if into:
        return
    for drilled in first:
        help_or_not = "not at all" if drilled.first_way is None else "with support's help"
        out.print(f"{drilled.external_id}: {help_or_not}", markup=False)
    if more := count.with_help + count.not_at_all - len(first):
        note(f"and {more:,} more; --list writes all of them into a file")


def _row(count: DrillCount) -> Callable[[TimedWay], tuple[str, ...]]:
    def row(timed: TimedWay) -> tuple[str, ...]:
        first, have = count.first_ways[timed], count.ways[timed]
        return WAYS[timed.way], _after(timed.wait), f"{first:,}", f"{have:,}"

    return row


def _after(wait: timedelta) -> str:
    return duration(wait) if wait else "at once"


def _in_order(count: DrillCount) -> list[TimedWay]:
    handiest_first = list(WayBack)
    return sorted(count.ways, key=lambda timed: (timed.wait, handiest_first.index(timed.way)))
