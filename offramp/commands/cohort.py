"""`offramp cohort list` and `status`: show where cohorts stand."""

import time

from rich.live import Live

from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views import cohort_pictures
from offramp.views.terminal import moment, out, print_json
from services.rollouts import cohort_portraits
from services.rollouts.cohort_portraits import CohortPortrait
from store import Database

_LOOK_AGAIN_SECONDS = 1.0
_FEW = 12


def list_(*, as_json: bool) -> None:
    """List all cohorts."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        lines = cohort_portraits.lines(session)
    if as_json:
        print_json(lines)
    elif lines:
        out.print(cohort_pictures.listing(lines))
    else:
        out.print("no cohort has been launched yet")


def status(name: str, *, as_json: bool, watch: bool) -> None:
    """Show where a cohort stands: once, or again and again until its rollout is over."""
    with opened_database(runnable_settings()) as database:
        if as_json:
            print_json(_portrait(database, name))
        elif watch:
            _watch(database, name)
        else:
            out.print(cohort_pictures.picture(_portrait(database, name)))


def _portrait(database: Database, name: str) -> CohortPortrait:
    with database.reading() as session:
        return cohort_portraits.draw(session, name, now=clock(), when=moment)


def _watch(database: Database, name: str) -> None:
    portrait = _portrait(database, name)
    with Live(
        cohort_pictures.picture(portrait, few=_FEW),
        console=out,
        auto_refresh=False,
        vertical_overflow="visible",
    ) as live:
        while not portrait.is_over:
            time.sleep(_LOOK_AGAIN_SECONDS)
            portrait = _portrait(database, name)
            live.update(cohort_pictures.picture(portrait, few=_FEW), refresh=True)
