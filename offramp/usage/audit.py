"""`offramp audit`."""

from datetime import datetime
from typing import Annotated

import typer

from domain.staff.staff import AuditKind
from offramp.usage.groups import Usage

app = Usage()


@app.command()
def audit(
    *,
    since: Annotated[
        datetime | None, typer.Option("--since", help="From when on, in UTC; everything without it.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="Before when, in UTC.")] = None,
    account: Annotated[
        str | None, typer.Option("--account", help="About this account only: the host's id of it.")
    ] = None,
    cohort: Annotated[
        str | None, typer.Option("--cohort", help="About the cohort of this name only.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="By this member only: their address.")] = None,
    kind: Annotated[
        AuditKind | None, typer.Option("--kind", help="Only entries of this kind.", metavar="KIND")
    ] = None,
    as_words: Annotated[bool, typer.Option("--words", help="A sentence for each entry.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer with CSV.")] = False,
) -> None:
    """Write out what staff did, oldest first: one JSON object a line, with who, when, from where and why.

    Examples: `offramp audit --since 2026-03-01 --words`, `offramp audit --by sam@example.com | jq .kind`
    """
    from offramp.commands import audit as command

    wanted = command.WantedEntries(since=since, until=until, account=account, cohort=cohort, by=by, kind=kind)
    command.export(wanted, as_words=as_words, as_csv=as_csv)
