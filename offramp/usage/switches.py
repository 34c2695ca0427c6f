"""`offramp stop`, `offramp resume` and `offramp stops`: the switches for everything at once."""

from typing import Annotated

import typer

from domain.rollouts.slices import Dimension
from domain.switches import Switch
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By, short_reason

app = Usage()

What = Annotated[Switch, typer.Argument(help="What: nudges, prompts, retiring or launches.", metavar="WHAT")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with who and when.", callback=short_reason)
]
Country = Annotated[str, typer.Option("--country", help="Only for accounts of this country, such as DE.")]
Platform = Annotated[str, typer.Option("--platform", help="Only on this platform, such as ios; for prompts.")]
Browser = Annotated[
    str, typer.Option("--browser", help='Only in this browser, such as "Chrome 131" or Chrome; for prompts.')
]
Provider = Annotated[
    str, typer.Option("--provider", help='Only for people with a passkey there, such as "1Password".')
]


@app.command()
def stop(
    *,
    what: What,
    reason: Reason,
    country: Country = "",
    platform: Platform = "",
    browser: Browser = "",
    provider: Provider = "",
    by: By,
    as_json: AsJson = False,
) -> None:
    """Stop nudges, prompts, retiring or launches at once, over all cohorts: for everybody, or for some people only.

    Codes, notices about safety, and whatever a person asks for by themselves go on.

    Example: `offramp stop prompts --browser "Chrome 131" --reason "passkeys fail there"`
    """
    from offramp.commands import switches as command

    people = one_slice(country=country, platform=platform, browser=browser, provider=provider)
    command.stop(what, people, reason=reason, by=by, as_json=as_json)


@app.command()
def resume(
    *,
    what: What,
    reason: Reason,
    country: Country = "",
    platform: Platform = "",
    browser: Browser = "",
    provider: Provider = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Resume retiring although promises are broken.")
    ] = False,
    by: By,
    as_json: AsJson = False,
) -> None:
    """End the stop that was made with the same WHAT and the same people. Stops for other people stay.

    Exit code 1 if it is not stopped, or while a promise is broken and retiring is to go on, unless --anyway.

    Example: `offramp resume launches --country DE --reason "the texts arrive again"`
    """
    from offramp.commands import switches as command

    people = one_slice(country=country, platform=platform, browser=browser, provider=provider)
    command.resume(what, people, reason=reason, anyway=anyway, by=by, as_json=as_json)


@app.command()
def stops(
    *,
    every: Annotated[bool, typer.Option("--all", help="The latest that have ended, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is stopped, for whom, since when, by whom and why. Exit code 1 if something is stopped.

    Example: `offramp stops --json`
    """
    from offramp.commands import switches as command

    command.show(every=every, as_json=as_json)


def one_slice(**named: str) -> tuple[Dimension, str] | None:
    """The one slice that was named, None for everybody. Raises BadParameter of typer if there are several."""
    given = [(Dimension(name), value) for name, value in named.items() if value.strip()]
    if len(given) > 1:
        names = " and ".join(f"--{dimension}" for dimension, _ in given)
        raise typer.BadParameter(f"{names} together name no slice: make one stop for each")
    return given[0] if given else None
