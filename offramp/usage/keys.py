"""`offramp keys`: keys by which a host's own programs call the API."""

from datetime import timedelta
from typing import Annotated

import typer

from domain.host.keys import CALLS_PER_SECOND, KEY_LIFETIME, OVERLAP, KeyScope
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By

app = Usage(
    "keys",
    about="Keys by which the host's own programs call the API.",
    example="offramp keys create --name login --scope accounts:write --scope events:write",
)


def _span(text: str) -> timedelta:
    from services.rollouts.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


KeyId = Annotated[str, typer.Argument(help="The key's id, as `offramp keys list` shows it.")]


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option("--name", help="Which program it is for, like login.")],
    scope: Annotated[list[KeyScope], typer.Option("--scope", help="What it may do; once for each scope.")],
    expires: Annotated[
        str, typer.Option("--expires", help="How long it works, like 90 days.", metavar="TIME")
    ] = f"{KEY_LIFETIME.days} days",
    calls_per_second: Annotated[
        int, typer.Option("--calls-per-second", min=1, help="How often it may call, in each API process.")
    ] = CALLS_PER_SECOND,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once.

    Example: `offramp keys create --name login --scope accounts:write --scope events:write`
    """
    from offramp.commands import keys as command

    command.create(
        name=name,
        scopes=scope,
        lifetime=_span(expires),
        calls_per_second=calls_per_second,
        by=by,
        as_json=as_json,
    )


@app.command("list")
def list_(
    *,
    ended: Annotated[bool, typer.Option("--all", help="Those that work no more, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the keys that work: what each may do, until when, and when and from where it was used last.

    Example: `offramp keys list --json`
    """
    from offramp.commands import keys as command

    command.list_(with_ended=ended, as_json=as_json)


@app.command()
def rotate(
    key_id: KeyId,
    *,
    overlap: Annotated[
        str, typer.Option("--overlap", help="How long the former key goes on working.", metavar="TIME")
    ] = f"{OVERLAP.days} days",
    by: By,
    as_json: AsJson = False,
) -> None:
    """Make a key like another one and print it, this once; both work until the overlap is over.

    Example: `offramp keys rotate 0198c0de-0000-7000-8000-000000000000 --overlap "2 days"`
    """
    from offramp.commands import keys as command

    command.rotate(key_id, overlap=_span(overlap), by=by, as_json=as_json)


@app.command()
def end(key_id: KeyId, *, by: By) -> None:
    """End a key at once.

    Example: `offramp keys end 0198c0de-0000-7000-8000-000000000000`
    """
    from offramp.commands import keys as command

    command.end(key_id, by=by)
