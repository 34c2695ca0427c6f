"""`offramp today`: what the console's home page shows, once or again and again."""

import time

import typer
from rich.live import Live

from domain.words.today_words import HAPPENED
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views import today_pictures
from offramp.views.terminal import Exit, moment, out, print_json
from services.figures import today
from services.figures.day_counts import DayCounts
from services.figures.today import Today
from store import Database

_LOOK_AGAIN_SECONDS = 5.0


def show(*, as_json: bool, watch: bool) -> None:
    """Show it; the exit code says whether anything is held or waits."""
    day_counts = DayCounts(kinds=HAPPENED)
    with opened_database(runnable_settings()) as database:
        shown = _read(database, day_counts)
        if as_json:
            print_json(shown)
        elif watch:
            _watch(database, day_counts, shown)
        else:
            out.print(today_pictures.picture(shown))
    raise typer.Exit(Exit.NOT_WELL if shown.holds or shown.waiting else Exit.OK)


def _read(database: Database, day_counts: DayCounts) -> Today:
    with database.reading() as session:
        return today.read(session, day_counts, now=clock(), when=moment)


def _watch(database: Database, day_counts: DayCounts, shown: Today) -> None:
    with Live(
        today_pictures.picture(shown), console=out, auto_refresh=False, vertical_overflow="visible"
    ) as live:
        while True:
            time.sleep(_LOOK_AGAIN_SECONDS)
            live.update(today_pictures.picture(_read(database, day_counts)), refresh=True)
