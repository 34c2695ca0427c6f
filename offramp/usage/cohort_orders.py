"""`offramp cohort pause`, `resume` and the other commands to a rollout."""

from typing import Annotated

import typer

from domain.rollouts.rollout import Command, Order
from offramp.usage.cohort_options import By, Name, Reason, Seen, WaveNumber, app
from offramp.usage.options import AsJson, os_user


@app.command()
def pause(
    name: Annotated[str, typer.Argument(help="The cohort's name; none with --all.", show_default=False)] = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Pause every rollout that is under way.")] = False,
    reason: Reason,
    by: By,
    seen: Seen = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --all: answer with JSON.")] = False,
) -> None:
    """Stop starting and nudging people, until resume. With --all, exit code 0 only if every rollout is paused.

    Examples: `offramp cohort pause spring --reason "the help desk is full"`,
    `offramp cohort pause --all --reason "texts cannot go out"`
    """
    if bool(name) == everything:
        raise typer.BadParameter("name one cohort, or say --all", param_hint="NAME")
    if everything and seen is not None:
        raise typer.BadParameter("goes with one cohort only", param_hint="--seen")
    if not everything:
        if as_json:
            raise typer.BadParameter("goes with --all only", param_hint="--json")
        _give(name, Order(command=Command.PAUSE, by=by, reason=reason, seen=seen))
        return
    from offramp.commands import cohort_pause_all as command

    command.pause(reason=reason, by=by, as_json=as_json)


@app.command()
def resume(name: Name, *, reason: Reason, by: By, seen: Seen = None) -> None:
    """Go on after a pause, from where it was.

    Example: `offramp cohort resume spring --reason "the help desk is back"`
    """
    _give(name, Order(command=Command.RESUME, by=by, reason=reason, seen=seen))


@app.command()
def advance(name: Name, *, reason: Reason, by: By, wave: WaveNumber = None, seen: Seen = None) -> None:
    """Begin the next wave now, whatever the guardrails say. `--wave 1` says that wave 1 is to be over.

    Example: `offramp cohort advance spring --wave 1 --reason "looked at every case by hand"`
    """
    ended = None if wave is None else wave - 1
    _give(name, Order(command=Command.ADVANCE, by=by, reason=reason, seen=seen, wave=ended))


@app.command()
def abort(name: Name, *, reason: Reason, by: By, seen: Seen = None) -> None:
    """End the rollout: no more is asked of anybody, passkeys stay, SMS is restored where it was unproven since.

    Example: `offramp cohort abort spring --reason "a new sign-in comes first"`
    """
    _give(name, Order(command=Command.ABORT, by=by, reason=reason, seen=seen))


@app.command()
def rollback(
    name: Name,
    *,
    reason: Reason,
    by: By,
    waves: Annotated[
        list[int] | None,
        typer.Option(
            "--wave", metavar="N", min=1, help="Restore this wave alone; may come again.", show_default=False
        ),
    ] = None,
    seen: Seen = None,
) -> None:
    """End the rollout, and restore SMS to everyone of its waves who is under notice or in probation.

    Examples: `offramp cohort rollback spring --reason "too many lock-outs"`, `offramp cohort rollback spring --wave 2
    --reason "only the new phones fail"`
    """
    takes_back = tuple(sorted({wave - 1 for wave in waves or ()}))
    _give(name, Order(command=Command.ROLLBACK, by=by, reason=reason, seen=seen, takes_back=takes_back))


@app.command()
def extend(
    name: Name,
    *,
    span: Annotated[str, typer.Option("--by", help='How much longer, like "2 days".')],
    reason: Reason,
    who: Annotated[
        str,
        typer.Option(
            "--who", help="Who, if not the user of this machine.", default_factory=os_user, show_default=False
        ),
    ],
    wave: WaveNumber = None,
    seen: Seen = None,
) -> None:
    """Watch the wave for longer before the next.

    Example: `offramp cohort extend spring --by "2 days" --reason "a holiday in between"`
    """
    from offramp.commands import cohort_commands as command

    longer = command.longer(span)
    watched = None if wave is None else wave - 1
    order = Order(command=Command.EXTEND, by=who, reason=reason, extend_by=longer, wave=watched, seen=seen)
    _give(name, order)


@app.command(name="lift-slice")
def lift_slice(
    name: Name,
    hold: Annotated[str, typer.Argument(help="The hold's id; `cohort status` shows it.")],
    *,
    reason: Reason,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let the prompt come back to people from whom a guardrail keeps it: one browser, provider, platform or country.

    Example: `offramp cohort lift-slice spring 0197c3a2-6b1e-7c39-b0aa-4d1c2f9a7e55 --reason "the browser was mended"`
    """
    from offramp.commands import cohort_lift_slice as command

    command.lift(name, hold, reason=reason, by=by, as_json=as_json)


def _give(name: str, order: Order) -> None:
    from offramp.commands import cohort_commands as command

    command.give(name, order)
