"""`offramp drill`."""

from pathlib import Path
from typing import Annotated

import typer

from domain.upkeep.drills import Loss
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson

_SHOWN = 20
_MOST_SHOWN = 10_000

app = Usage()


@app.command()
def drill(
    *,
    cohort: Annotated[str, typer.Option(help="Whom the cohort of this name has launched.")],
    lose: Annotated[Loss, typer.Option(help="What everybody loses.")],
    into: Annotated[
        Path | None,
        typer.Option(
            "--list", help="Write everybody who would need help into this CSV file.", dir_okay=False
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=0, max=_MOST_SHOWN, help="How many of them to show at most.")
    ] = _SHOWN,
    as_json: AsJson = False,
) -> None:
    """Say who would still get in after a loss, by which way and after how long, and who would not; changes nothing.

    Exit code 1: somebody would not get in without support's help, or not at all.

    Examples: `offramp drill --cohort spring --lose phone`, `offramp drill --cohort spring --lose both --list out.csv`
    """
    from offramp.commands import drill as command

    command.drill(cohort, lose, as_json=as_json, into=into, limit=limit)
