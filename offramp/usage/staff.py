"""`offramp staff`: members of staff, and keys by which another desk acts for them."""

from typing import Annotated

import typer

from domain.errors import BadContact
from domain.staff.staff import Role
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By

app = Usage(
    "staff",
    about="Who works in the console.",
    example="offramp staff invite ada@example.com --role admin",
)


def _address(text: str) -> str:
    from providers.contacts import email_address

    try:
        return email_address(text)
    except BadContact as error:
        raise typer.BadParameter(str(error)) from None


def _normal_address(text: str) -> str:
    from providers.contacts import normal_address

    return normal_address(text)


Address = Annotated[str, typer.Argument(help="Their e-mail address.", callback=_address)]
KeysOwner = Annotated[
    str, typer.Argument(help="The e-mail address of the member of staff.", callback=_normal_address)
]


@app.command()
def invite(
    address: Address,
    *,
    role: Annotated[Role, typer.Option("--role", help="What they may do.")],
    name: Annotated[str, typer.Option("--name", help="What colleagues call them.")] = "",
    by: By,
    as_json: AsJson = False,
) -> None:
    """Invite somebody: the link goes out by e-mail, and is printed here too. It works once, for 48 hours.

    Whoever has joined and lost their passkeys is invited anew in the role they have.

    Example: `offramp staff invite ada@example.com --role admin`
    """
    from offramp.commands import staff as command

    command.invite(address, role=role, name=name, by=by, as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the members of staff.

    Example: `offramp staff list --json`
    """
    from offramp.commands import staff as command

    command.list_(as_json=as_json)


@app.command()
def role(
    address: Address, role: Annotated[Role, typer.Argument(help="What they may do from now on.")], *, by: By
) -> None:
    """Give a member another role. Their sessions end.

    Example: `offramp staff role sam@example.com operator`
    """
    from offramp.commands import staff as command

    command.change_role(address, role, by=by)


@app.command()
def end(address: Address, *, by: By) -> None:
    """End a member's access and all their sessions.

    Example: `offramp staff end sam@example.com`
    """
    from offramp.commands import staff as command

    command.end(address, by=by)


@app.command()
def key(
    address: KeysOwner,
    *,
    name: Annotated[str, typer.Option("--name", help="Which desk it is for, like zendesk.")],
    by: By,
) -> None:
    """Make a key for another desk and print it, this once. It can do less than the member.

    Example: `offramp staff key sam@example.com --name zendesk`
    """
    from offramp.commands import staff_keys as command

    command.key(address, name=name, by=by)


@app.command()
def keys(address: KeysOwner, *, as_json: AsJson = False) -> None:
    """List a member's keys that work.

    Example: `offramp staff keys sam@example.com`
    """
    from offramp.commands import staff_keys as command

    command.keys(address, as_json=as_json)


@app.command()
def end_key(
    address: KeysOwner, key_id: Annotated[str, typer.Argument(help="As `staff keys` lists it.")], *, by: By
) -> None:
    """End a key at once.

    Example: `offramp staff end-key sam@example.com 0198c0de-0000-7000-8000-000000000000`
    """
    from offramp.commands import staff_keys as command

    command.end_key(address, key_id, by=by)
