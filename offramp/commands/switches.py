"""`offramp stop`, `offramp resume` and `offramp stops`: turn the switches, and say what is stopped."""

import typer

from domain.rollouts.slices import Dimension
from domain.switches import Switch, SwitchStop
from domain.words.switch_words import ended_line, open_line
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import Exit, moment, out, print_json
from services.safety import switches
from services.safety.switches import SwitchTurn
from store import invariants
from store.journeys import switches as stored_switches

_MOST_ENDED = 50


def stop(
    switch: Switch, people: tuple[Dimension, str] | None, *, reason: str, by: str, as_json: bool
) -> None:
    """Stop a switch. Raises BadSlice, BadReason, and Refused if somebody has stopped it already."""
    turn = _turn(switch, people, reason=reason)
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        begun = switches.stop(session, on_this_machine(by), turn)
    _show(begun, as_json=as_json)


def resume(
    switch: Switch,
    people: tuple[Dimension, str] | None,
    *,
    reason: str,
    anyway: bool,
    by: str,
    as_json: bool,
) -> None:
    """End a stop. Raises BadSlice, BadReason, Refused if it is not stopped, and PromisesBroken unless `anyway`."""
    turn = _turn(switch, people, reason=reason)
    with opened_database(runnable_settings()) as database:
        with database.reading() as session:
            counts = invariants.broken(session, now=clock()) if switch is Switch.RETIRING else {}
        with database.transaction() as session:
            ended = switches.resume(session, on_this_machine(by), turn, counts, anyway=anyway)
    _show(ended, as_json=as_json)


def show(*, every: bool, as_json: bool) -> None:
    """List the stops; the exit code is 1 if something is stopped."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        holding = stored_switches.open_stops(session)
        ended = stored_switches.latest(session, limit=_MOST_ENDED) if every else []
    if as_json:
        print_json({"is_stopped": bool(holding), "stops": [*holding, *ended]})
    elif not holding:
        out.print("nothing is stopped", markup=False)
    for stop_or_end in () if as_json else (*holding, *ended):
        _show(stop_or_end, as_json=False)
    raise typer.Exit(Exit.NOT_WELL if holding else Exit.OK)


def _turn(switch: Switch, people: tuple[Dimension, str] | None, *, reason: str) -> SwitchTurn:
    dimension, value = people or (None, "")
    return SwitchTurn(
        switch=switch, people=switches.slice_of(switch, dimension, value), reason=reason, at=clock()
    )


def _show(switch_stop: SwitchStop, *, as_json: bool) -> None:
    if as_json:
        print_json(switch_stop)
    else:
        line = ended_line if switch_stop.ended_at else open_line
        out.print(line(switch_stop, when=moment), markup=False, soft_wrap=True)
