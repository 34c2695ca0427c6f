"""`offramp guard`: harder accounts for everybody while an attack is under way."""

from datetime import timedelta
from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By, short_reason

app = Usage(
    "guard",
    about="The guard: while an attack is under way, accounts are harder to take over. It ends by itself.",
    example='offramp guard up --for 6h --reason "SIM swaps at one operator"',
)


def _length(text: str) -> timedelta:
    from services.rollouts.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(f'"{text}" {error}') from None


Reason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with who and when.", callback=short_reason)
]
Length = Annotated[
    timedelta,
    typer.Option(
        "--for",
        metavar="TIME",
        parser=_length,
        help="For how long, like 6h or 2 days: 15 minutes at least, 7 days at most.",
        show_default=False,
    ),
]


@app.command()
def up(*, length: Length, reason: Reason, by: By, as_json: AsJson = False) -> None:
    """Raise it at once, for everybody. While it is up, the same order gives it another end.

    Example: `offramp guard up --for 6h --reason "SIM swaps at one operator"`
    """
    from offramp.commands import guard as command

    command.up(length=length, reason=reason, by=by, as_json=as_json)


@app.command()
def down(*, reason: Reason, by: By, as_json: AsJson = False) -> None:
    """Lower it before its time. Exit code 1 if it is not up.

    Example: `offramp guard down --reason "the operator has stopped the swaps"`
    """
    from offramp.commands import guard as command

    command.down(reason=reason, by=by, as_json=as_json)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show whether it is up, until when, by whom and why, and its latest raisings. Exit code 1 while it is up.

    Example: `offramp guard status --json`
    """
    from offramp.commands import guard as command

    command.status(as_json=as_json)
