"""`offramp retiring`: the switch that stops retiring text-message codes for everybody."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By, short_reason

app = Usage(
    "retiring",
    about="The switch that stops retiring text-message codes for everybody, over all cohorts.",
    example='offramp retiring stop --reason "a passkey provider is down"',
)

Reason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with who and when.", callback=short_reason)
]


@app.command()
def stop(*, reason: Reason, by: By, as_json: AsJson = False) -> None:
    """Stop at once: nobody is given notice, suspended or removed until resume. Restoring codes goes on.

    Example: `offramp retiring stop --reason "a passkey provider is down"`
    """
    from offramp.commands import retiring as command

    command.stop(reason=reason, by=by, as_json=as_json)


@app.command()
def resume(
    *,
    reason: Reason,
    anyway: Annotated[bool, typer.Option("--anyway", help="Although promises are broken.")] = False,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Go on after a stop, from where every journey was. Exit code 1 while a promise is broken, unless --anyway.

    Example: `offramp retiring resume --reason "the provider is back"`
    """
    from offramp.commands import retiring as command

    command.resume(reason=reason, anyway=anyway, by=by, as_json=as_json)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show where the switch stands, since when, by whom and why. Exit code 1 if retiring is stopped.

    Example: `offramp retiring status --json`
    """
    from offramp.commands import retiring as command

    command.status(as_json=as_json)
