"""`offramp journeys start`."""

from typing import Annotated

import typer

from domain.presets import STANDARD
from offramp.usage.groups import Usage
from offramp.usage.options import POLICY_NAMES, AsJson, policy_name

app = Usage(
    "journeys",
    about="Journeys, the way of an account from text-message codes to passkeys.",
    example="offramp journeys start --all",
)


@app.command()
def start(
    external_ids: Annotated[list[str] | None, typer.Argument(help="Accounts, by the host's ids.")] = None,
    *,
    everyone: Annotated[bool, typer.Option("--all", help="Every account that has no journey.")] = False,
    policy: Annotated[
        str,
        typer.Option(
            help="How people are moved; see `offramp policies`.", metavar=POLICY_NAMES, callback=policy_name
        ),
    ] = STANDARD.name,
    as_json: AsJson = False,
) -> None:
    """Start one journey per account; an account that has one keeps it, and its policy.

    Temporal may be away meanwhile: the worker starts journeys when it is back.

    Examples: `offramp journeys start --all --policy gentle`, `offramp journeys start u-1001 u-1002`
    """
    from offramp.commands import journeys as command

    command.start(external_ids or [], everyone=everyone, policy=policy, as_json=as_json)
