"""`offramp policies`."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage

app = Usage()


@app.command()
def policies(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with JSON; durations in seconds.")] = False,
) -> None:
    """Show the policies: how gently or firmly people are moved.

    Example: `offramp policies --json`
    """
    from offramp.commands import policies as command

    command.policies(as_json=as_json)
