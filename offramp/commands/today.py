"""`offramp today`: what the console's home page shows, once or again and again."""

import time

import typer
from rich.live import Live

from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views import today_pictures
from offramp.views.terminal import Exit, moment, out, print_json
from services.figures.today import Today
from services.figures.today_figures import TodayFigures

_LOOK_AGAIN_SECONDS = 5.0


def show(*, as_json: bool, watch: bool) -> None:
    """Show it; the exit code says whether anything is held or waits."""
    with opened_database(runnable_settings()) as database:
        figures = TodayFigures(database=database, clock=clock)
        shown = figures.read(when=moment)
        if as_json:
            print_json(shown)
        elif watch:
            _watch(figures, shown)
        else:
            out.print(today_pictures.picture(shown))
    raise typer.Exit(Exit.NOT_WELL if shown.holds or shown.waiting else Exit.OK)


def _watch(figures: TodayFigures, shown: Today) -> None:
    with Live(
        today_pictures.picture(shown), console=out, auto_refresh=False, vertical_overflow="visible"
    ) as live:
        while True:
            time.sleep(_LOOK_AGAIN_SECONDS)
            live.update(today_pictures.picture(figures.read(when=moment)), refresh=True)
