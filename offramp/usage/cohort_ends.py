"""`offramp cohort if-ended-today` and `move-end`."""

from typing import Annotated

import typer

from offramp.usage.cohort_options import By, Name, Reason, Seen, app
from offramp.usage.options import AsJson, With


@app.command(name="if-ended-today")
def if_ended_today(
    name: Name,
    *,
    on: Annotated[
        str,
        typer.Option(
            "--on", metavar="DATE", help="On another day than that of the end date.", show_default=False
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what the end date comes to: who is let in only to set up, who could not even do that, and the pace.

    Examples: `offramp cohort if-ended-today spring`, `offramp cohort if-ended-today spring --on 2027-02-01 --json`
    """
    from offramp.commands import cohort_ends as command

    command.show(name, on=on, as_json=as_json)


@app.command(name="move-end")
def move_end(
    name: Name,
    *,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="The new day.", show_default=False)] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Have no end date any more.")] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="HH:MM", help="When it begins, if not at midnight.")
    ] = "",
    zone: Annotated[
        str, typer.Option("--zone", help="By which clocks; those of the launch windows without it.")
    ] = "",
    reason: Reason,
    by: By,
    with_member: With = "",
    seen: Seen = None,
) -> None:
    """Move the end date of a cohort, or lift it. Its people are told. A nearer day takes two: `--by` and `--with`.

    Examples: `offramp cohort move-end spring --to 2027-03-01 --reason "the regulator gave us a month"`,
    `offramp cohort move-end spring --to 2027-01-15 --with sam --reason "a leak of phone numbers"`
    """
    if bool(to) == lift:
        raise typer.BadParameter("name a day, or say --lift", param_hint="--to")
    from offramp.commands import cohort_ends as command

    command.move(name, day=to, begins=at, zone=zone, reason=reason, by=by, with_member=with_member, seen=seen)
