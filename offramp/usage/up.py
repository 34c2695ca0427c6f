"""`offramp up`."""

from pathlib import Path
from typing import Annotated

import typer

from offramp.usage.groups import Usage

app = Usage()


@app.command()
def up(
    *,
    host: Annotated[
        Path | None,
        typer.Option("--host", metavar="FOLDER", help="Run this sample host, too, like examples/hosted."),
    ] = None,
) -> None:
    """Run all of Offramp on this machine, until Ctrl-C.

    Temporal is started too, unless its own environment configuration (TEMPORAL_ADDRESS, a profile) names a server.
    What dies is started again; after a crash or a kill, the next `offramp up` goes on where this one was.

    Example: `OFFRAMP_API_PORT=8500 OFFRAMP_TEMPORAL_PORT=7300 offramp up`
    """
    from offramp.commands import up as command

    command.up(host)
