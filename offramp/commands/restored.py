"""`offramp restored`: lets a database that was restored from a backup be right, whatever Temporal remembers."""

import time
from datetime import timedelta

import typer

from domain.errors import Refused
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, moment, note, out, print_json
from services.messages import restores
from services.messages.restores import Restore
from store import Database
from store.engine import company

BEATS_WITHIN = timedelta(seconds=6)
"""Every process shows a sign of life within this time."""


class StillRunning(Refused):
    """Something is at work on the database."""

    def __init__(self, who: list[str]) -> None:
        super().__init__(f"stop everything first; still at work on the database: {', '.join(who)}")


def restored(*, yes: bool, by: str, as_json: bool) -> None:
    """Say what begins, and begin it if `yes`. Raises StillRunning."""
    with opened_database(runnable_settings()) as database:
        require_nobody(database)
        with database.transaction() as session:
            restore = restores.foretell(session, now=clock())
            epoch = restores.begin(session, by=by, now=clock()) if yes else None
    if as_json:
        print_json({"epoch": epoch, "restore": restore})
    else:
        _show(restore, is_done=yes)
    raise typer.Exit(Exit.OK if yes else Exit.NOT_WELL)


def require_nobody(database: Database) -> None:
    """Raise StillRunning if anybody is connected to the database, or gives a sign of life."""
    if who := company.connected(database):
        raise StillRunning(who)
    with database.reading() as session:
        before = company.beats(session)
    time.sleep(BEATS_WITHIN.total_seconds())
    with database.reading() as session:
        alive = company.beats(session).items() - before.items()
    if alive:
        raise StillRunning([name for name, _ in sorted(alive)])


def _show(restore: Restore, *, is_done: bool) -> None:
    newest = moment(restore.known_until) if restore.known_until else "never"
    lines = (
        f"The newest thing that this database knows happened at {newest}. Whatever came later is lost.",
        f"{restore.notices_again} notices that waited then are said again, although they may have gone out since",
        f"{restore.given_up} codes, reminders and half-sent messages that may have gone out become unknown, and are "
        "not said again",
        f"{restore.events_again} events go to hosts again, under the ids that they had",
        f"{restore.journeys} journeys go on from here, and may say again what they have said since",
        f"{restore.rollouts} rollouts go on from here; one that was stopped since stands still until somebody looks",
    )
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)
    if is_done:
        note(
            "Another epoch has begun. Start the worker: it tells every journey, and `offramp doctor` says when it has."
        )
    else:
        note(
            "Nothing has changed. Take care that this is the right backup, then run `offramp restored --yes`."
        )
