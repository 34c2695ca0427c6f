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
_NOBODY = {True: "no cohort is archived", False: "every cohort is archived; --archived lists them"}


def list_(*, as_json: bool, is_archived: bool = False) -> None:
    """List the cohorts, or the archived ones."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        lines = cohort_portraits.lines(session, is_archived=is_archived)
        others = cohort_portraits.lines(session, is_archived=not is_archived)
    if as_json:
        print_json(lines)
    elif lines:
        out.print(cohort_pictures.listing(lines))
    else:
        out.print(_NOBODY[is_archived] if others or is_archived else "no cohort has been launched yet")


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
