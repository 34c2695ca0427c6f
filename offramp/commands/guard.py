"""`offramp guard`: raises the guard against an attack, lowers it, and says where it stands."""

from datetime import timedelta

import typer

from domain.safety.guard import Guard
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, moment, out, print_json
from services.safety import guard
from services.safety.guard import GuardStanding


def up(*, length: timedelta, reason: str, by: str, as_json: bool) -> None:
    """Raise it, or give it another end. Raises BadReason, BadLength."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        guard.put_up(session, on_this_machine(by), length=length, reason=reason, at=clock())
        standing = guard.standing(session, now=clock())
    _show(standing, as_json=as_json)


def down(*, reason: str, by: str, as_json: bool) -> None:
    """Lower it. Raises BadReason, and Refused if it is not up."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        guard.put_down(session, on_this_machine(by), reason=reason, at=clock())
        standing = guard.standing(session, now=clock())
    _show(standing, as_json=as_json)


def status(*, as_json: bool) -> None:
    """Show whether it is up, and its latest raisings; the exit code is 1 while it is up."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        standing = guard.standing(session, now=clock())
    _show(standing, as_json=as_json)
    raise typer.Exit(Exit.NOT_WELL if standing.is_up else Exit.OK)


def _show(standing: GuardStanding, *, as_json: bool) -> None:
    if as_json:
        print_json(standing)
        return
    if standing.up is None:
        out.print("the guard is down")
    else:
        said = f"since {moment(standing.up.since)}, by {standing.up.by}: {standing.up.reason}"
        out.print(f"the guard is up until {moment(standing.up.until)}, {said}", markup=False, soft_wrap=True)
    for past in standing.past:
        out.print(_past(past), markup=False, soft_wrap=True)


def _past(past: Guard) -> str:
    """One raising that is over, on a line."""
    times = f"{moment(past.since)} to {moment(past.ended_at or past.until)}"
    end = f"lowered by {past.ended_by}: {past.end_reason}" if past.was_lowered else "ended by itself"
    return f"  {times}, by {past.by}: {past.reason}; {end}"
