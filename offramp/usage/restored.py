"""`offramp restored`."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By

app = Usage()


@app.command()
def restored(
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this, only say what it comes to.")
    ] = False,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Begin another epoch of a database that was restored from a backup, before anything is started again.

    It says what will be said twice, and with --yes does it. Exit code 1 without --yes, and while anything runs.

    Example: `offramp restored`, then `offramp restored --yes`
    """
    from offramp.commands import restored as command

    command.restored(yes=yes, by=by, as_json=as_json)
