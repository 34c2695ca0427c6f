"""`offramp clients`: the host's pages as clients of OpenID Connect."""

from datetime import timedelta
from typing import Annotated

import typer

from domain.host.clients import SECRET_OVERLAP, ClientProof
from domain.trust import Assurance
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By

app = Usage(
    "clients",
    about="The host's pages as clients of OpenID Connect: they send people here and get them back.",
    example="offramp clients create 'Example Shop' --redirect-uri https://shop.example.com/offramp/back",
)

ClientId = Annotated[str, typer.Argument(help="As `clients list` shows it.")]


def _assurance(text: str) -> str:
    if text not in (Assurance.LOW, Assurance.HIGH):
        raise typer.BadParameter("low or high")
    return text


RedirectUris = Annotated[
    list[str],
    typer.Option(
        "--redirect-uri",
        metavar="URI",
        help="Where people go back to, letter by letter. Several are possible.",
    ),
]
Proof = Annotated[
    ClientProof,
    typer.Option("--proof", help="How it proves that it is itself. An app that keeps no secret: nothing."),
]
Keys = Annotated[
    str,
    typer.Option(
        "--keys",
        metavar="JWKS",
        help="Its public keys: a file with a JWK or a JWK set, or that JSON itself.",
    ),
]
MostAssurance = Annotated[
    str,
    typer.Option(
        "--most-assurance",
        metavar="low|high",
        callback=_assurance,
        help="How far its word goes of who somebody is. High: as far as an established passkey.",
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people read on the way back to it.")],
    *,
    redirect_uris: RedirectUris,
    proof: Proof = ClientProof.SECRET,
    keys: Keys = "",
    most_assurance: MostAssurance = Assurance.LOW,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Make a client, and print its id and its secret, this once.

    Example: `offramp clients create 'Example Shop' --redirect-uri https://shop.example.com/back --keys shop.jwks`
    """
    from offramp.commands import clients as command

    command.create(
        name,
        redirect_uris=redirect_uris,
        proof=proof,
        keys=keys,
        most_assurance=Assurance(most_assurance),
        by=by,
        as_json=as_json,
    )


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the clients, those that have ended too.

    Example: `offramp clients list --json`
    """
    from offramp.commands import clients as command

    command.list_(as_json=as_json)


@app.command()
def rotate_secret(
    client_id: ClientId,
    *,
    overlap_days: Annotated[
        float, typer.Option("--overlap-days", min=0, help="How long the former secret goes on working.")
    ] = SECRET_OVERLAP / timedelta(days=1),
    by: By,
    as_json: AsJson = False,
) -> None:
    """Give a client another secret and print it, this once.

    Example: `offramp clients rotate-secret 0198c0de-0000-7000-8000-000000000000 --overlap-days 2`
    """
    from offramp.commands import clients as command

    command.rotate_secret(client_id, overlap=timedelta(days=overlap_days), by=by, as_json=as_json)


@app.command()
def rotate_keys(
    *,
    is_leaked: Annotated[
        bool, typer.Option("--leaked", help="The present key counts no more, from this moment on.")
    ] = False,
    by: By,
) -> None:
    """Let another key sign ID tokens, in an hour. Every 60 days that happens by itself.

    Example: `offramp clients rotate-keys`
    """
    from offramp.commands import clients as command

    command.rotate_keys(is_leaked=is_leaked, by=by)


@app.command()
def end(client_id: ClientId, *, by: By) -> None:
    """End a client at once.

    Example: `offramp clients end 0198c0de-0000-7000-8000-000000000000`
    """
    from offramp.commands import clients as command

    command.end(client_id, by=by)
