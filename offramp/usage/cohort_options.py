"""The group `offramp cohort`, and the options that its commands share."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import os_user

app = Usage(
    "cohort",
    about="Cohorts: people who are moved together, in waves that guardrails watch.",
    example="offramp cohort plan cohort.toml",
)


def _required_reason(reason: str) -> str:
    if not reason.strip():
        raise typer.BadParameter("say why; it goes into the cohort's journal")
    return reason.strip()


Name = Annotated[str, typer.Argument(help="The cohort's name.")]
File = Annotated[str, typer.Argument(help="Its description in TOML; - reads standard input.")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why; it is kept with who and when.", callback=_required_reason)
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        "--who",
        help="Who, if not the user of this machine.",
        show_default=False,
        default_factory=os_user,
    ),
]

Seen = Annotated[
    int | None,
    typer.Option(
        "--seen",
        metavar="VERSION",
        min=1,
        help="The version that `cohort status` showed when you decided; the order is refused if it has changed since.",
        show_default=False,
    ),
]
WaveNumber = Annotated[
    int | None,
    typer.Option(
        "--wave",
        metavar="N",
        min=1,
        help="The wave that is meant; the order is refused in any other.",
        show_default=False,
    ),
]
