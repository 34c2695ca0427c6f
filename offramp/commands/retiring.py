"""`offramp retiring`: stops retiring for everybody, lets it go on, and says where the switch stands."""

import typer

from domain.retiring import Retiring
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, moment, out, print_json
from services.safety import retiring
from store import invariants
from store.journeys import retiring as switch


def stop(*, reason: str, by: str, as_json: bool) -> None:
    """Stop retiring. Raises BadReason, and Refused if somebody has stopped it already."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        stopped = retiring.stop(session, on_this_machine(by), reason=reason, at=clock())
    _show(stopped, as_json=as_json)


def resume(*, reason: str, anyway: bool, by: str, as_json: bool) -> None:
    """Let retiring go on. Raises BadReason, Refused if it is not stopped, and PromisesBroken unless `anyway`."""
    with opened_database(runnable_settings()) as database:
        with database.reading() as session:
            counts = invariants.broken(session, now=clock())
        with database.transaction() as session:
            author = on_this_machine(by)
            resumed = retiring.resume(session, author, counts, reason=reason, at=clock(), anyway=anyway)
    _show(resumed, as_json=as_json)


def status(*, as_json: bool) -> None:
    """Show where the switch stands; the exit code is 1 if retiring is stopped."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        current = switch.read(session)
    _show(current, as_json=as_json)
    raise typer.Exit(Exit.NOT_WELL if current.is_stopped else Exit.OK)


def _show(current: Retiring, *, as_json: bool) -> None:
    if as_json:
        print_json(current)
        return
    by_whom = f" since {moment(current.since)}, by {current.by}: {current.reason}" if current.since else ""
    out.print(f"retiring is {'stopped for everybody' if current.is_stopped else 'on'}{by_whom}", markup=False)
