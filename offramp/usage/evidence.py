"""`offramp evidence`."""

from pathlib import Path
from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By, short_reason

_FOR_AUDITORS = "asked for by auditors"

app = Usage(
    "evidence",
    about="Packs of evidence for auditors: about one cohort or one account, signed, and verified without a database."
    "\n\n"
    "`--cohort` or `--account` makes a pack: why text-message codes went, what people were told and offered, and who "
    "decided what. Contacts are masked, the file is its owner's alone, and the audit keeps that it was made.",
    example='offramp evidence --cohort spring --out spring.zip --reason "yearly audit"',
)

Reason = Annotated[
    str, typer.Option("--reason", help="Why; no names, numbers or addresses.", callback=short_reason)
]


@app.callback(invoke_without_command=True)
def evidence(
    context: typer.Context,
    *,
    cohort: Annotated[
        str | None, typer.Option(help="About everybody of the cohort of this name.", show_default=False)
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="About one account: the host's id of it, or ours.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where the zip goes.", show_default=False)
    ] = None,
    reason: Reason = _FOR_AUDITORS,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Make a pack, if no other command follows; the group's help says how."""
    if context.invoked_subcommand:
        return
    from offramp.commands import evidence as command

    if (cohort is None) == (account is None):
        raise typer.BadParameter("name one of both", param_hint="--cohort or --account")
    if out is None:
        raise typer.BadParameter("say where the zip goes", param_hint="--out")
    command.make(cohort=cohort, account=account, to=out, reason=reason, by=by, as_json=as_json)


@app.command()
def verify(
    pack: Annotated[Path, typer.Argument(help="The zip.")],
    *,
    key: Annotated[Path, typer.Option("--key", metavar="PEM", help="The public key of who has made it.")],
    as_json: AsJson = False,
) -> None:
    """Say whether a pack is genuine: signed by that key, with every file as it was, and every entry in its day.

    Needs no database, no settings and no network. Exit code 1: it is not genuine.

    Example: `offramp evidence verify spring.zip --key offramp-evidence.pem --json`
    """
    from offramp.commands import evidence_verify as command

    command.verify(pack, key=key, as_json=as_json)


@app.command()
def key(
    *,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where to; standard output otherwise.", show_default=False),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All keys that ever signed, the present one first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the public key by which packs are verified (PEM); the first call makes the key.

    Give it to whoever verifies packs by another way than the packs themselves.

    Examples: `offramp evidence key --to offramp-evidence.pem`, `offramp evidence key --all --json`
    """
    from offramp.commands import evidence_keys as command

    command.show(to=to, every=every, as_json=as_json)


@app.command("rotate-key")
def rotate_key(*, reason: Reason, by: By) -> None:
    """Make another key, which signs from now on. Packs of the former one are verified by the former one.

    Example: `offramp evidence rotate-key --reason "an admin has left"`
    """
    from offramp.commands import evidence_keys as command

    command.rotate(reason=reason, by=by)


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Compare every sealed day of the journal with its entries as they are now; changes nothing.

    Exit code 1: an entry was changed, lost or slipped in.

    Example: `offramp evidence check --json`
    """
    from offramp.commands import evidence_check as command

    command.check(as_json=as_json)
