"""`offramp today`."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson

app = Usage()


@app.command()
def today(
    *,
    as_json: AsJson = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it, until Ctrl-C.")] = False,
) -> None:
    """Show what runs, what is held and why, what waits for somebody, near end dates, and yesterday's figures.

    Exit code 1: something is held, or waits for somebody.

    Examples: `offramp today`, `offramp today --watch`, `offramp today --json | jq .waiting`
    """
    from offramp.commands import today as command

    command.show(as_json=as_json, watch=watch)
