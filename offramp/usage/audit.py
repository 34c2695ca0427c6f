"""`offramp audit`."""

from datetime import datetime
from typing import Annotated

import typer

from offramp.usage.groups import Usage

app = Usage()


@app.command()
def audit(
    *,
    since: Annotated[
        datetime | None, typer.Option("--since", help="From when on, in UTC; everything without it.")
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", help="About this account only: the host's id of it.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="By this member only: their address.")] = None,
) -> None:
    """Write out what staff did, oldest first: one JSON object a line, with who, when, from where and why.

    Examples: `offramp audit --since 2026-03-01`, `offramp audit --by sam@example.com | jq .kind`
    """
    from offramp.commands import audit as command

    command.export(since=since, account=account, by=by)
