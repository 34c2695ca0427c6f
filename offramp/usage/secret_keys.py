"""`offramp secrets`: the ring of secret keys, on which codes and sealed rows hang."""

from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson

app = Usage(
    "secrets",
    about="The ring of secret keys, on which codes hang, and what lies sealed.",
    example="offramp secrets status",
)


@app.command()
def status(
    key: Annotated[
        str | None, typer.Argument(help="A key's id: exit code 1 unless it may be taken out.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show for each key what hangs on it, and whether it may be taken out of the ring now; shows no key.

    Exit code 1: something hangs on a key that is in no ring; or the key that was named may not be taken out.

    Examples: `offramp secrets status --json`, `offramp secrets status 1f0c2a9b`
    """
    from offramp.commands import secret_keys as command

    command.status(key, as_json=as_json)


@app.command()
def rotate(
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FILE",
            help="Where the new ring goes: a new file, for its owner alone; - is the standard output.",
            show_default=False,
        ),
    ] = None,
    behind: Annotated[
        bool,
        typer.Option(
            "--behind",
            help="Put the new key last at first, where processes are replaced one after the other.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new secret key, and say what to do with it; nothing that runs changes before it is started again.

    Development keeps its keys in a file at home, and finds the new one there.

    Examples: `offramp secrets rotate`, `offramp secrets rotate --to /run/secrets/offramp-keys`
    """
    from offramp.commands import secret_keys as command

    command.rotate(to=to, behind=behind, as_json=as_json)


@app.command("reseal")
def reseal(*, as_json: AsJson = False) -> None:
    """Close again by the newest key what lies sealed by a former one; it may be broken off and begun again.

    Exit code 1: some of it was opened by no key of the ring.

    Example: `offramp secrets reseal --json`
    """
    from offramp.commands import secret_keys as command

    command.reseal(as_json=as_json)
