"""`offramp transmitters`: who may send security events."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By

app = Usage(
    "transmitters",
    about="Who may send security events (CAEP and RISC), and by which keys they are recognised.",
    example="offramp transmitters list",
)

Issuer = Annotated[str, typer.Argument(help="The issuer, as its tokens name it (`iss`).")]


@app.command()
def add(
    issuer: Issuer,
    *,
    audience: Annotated[
        str, typer.Option("--audience", help="What its tokens name as their audience (`aud`).")
    ],
    keys: Annotated[
        str,
        typer.Option(
            "--keys", help="A file with its JSON Web Key Set, or its https address.", metavar="FILE|URL"
        ),
    ],
    by: By,
) -> None:
    """Register a transmitter. It takes the place of the one with the same issuer, so that its keys can be replaced.

    Example: `offramp transmitters add https://id.example.com --audience offramp --keys https://id.example.com/jwks`
    """
    from offramp.commands import transmitters as command

    command.add(issuer, audience=audience, keys=keys, by=by)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the transmitters, and when each was heard last.

    Example: `offramp transmitters list --json`
    """
    from offramp.commands import transmitters as command

    command.list_(as_json=as_json)


@app.command()
def end(issuer: Issuer, *, by: By) -> None:
    """Hear a transmitter no more.

    Example: `offramp transmitters end https://id.example.com`
    """
    from offramp.commands import transmitters as command

    command.end(issuer, by=by)
