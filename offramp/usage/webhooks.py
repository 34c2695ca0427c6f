"""`offramp webhooks`: where a host hears of what happens."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from offramp.usage.groups import Usage
from offramp.usage.options import AsJson, By

app = Usage(
    "webhooks",
    about="Webhooks: where a host hears of what happens, and what is still on its way.",
    example="offramp webhooks create https://host.example/offramp --name login --all",
)

Name = Annotated[str, typer.Argument(help="The subscription's name; `offramp webhooks list` shows it.")]


Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking back.")]


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="Where events go, by https.")],
    *,
    name: Annotated[str, typer.Option("--name", help="Who hears of it, like login or crm.")],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kinds", help="Which kinds, separated by commas, like passkey_bound,sms.suspend."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All kinds, also those of later releases.")] = False,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Subscribe a receiver, and show the secret that signs what it hears. The secret is shown once.

    Example: `offramp webhooks create https://host.example/offramp --name login --kinds sms.suspend,sms.restore`
    """
    from offramp.commands import webhooks as command

    if every == bool(kinds):
        raise typer.BadParameter("say --kinds, or --all", param_hint="--kinds")
    names = None if every else [kind for listed in kinds or [] for kind in listed.split(",")]
    command.create(url, name=name, kinds=names, by=by, as_json=as_json)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the subscriptions, those that have ended too: where they lead, whether they work, what is dead.

    Example: `offramp webhooks list --json`
    """
    from offramp.commands import webhooks as command

    command.list_webhooks(as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(
    name: Name,
    *,
    overlap_hours: Annotated[
        float, typer.Option("--overlap-hours", min=0, help="How long the former secret signs as well.")
    ] = 24,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Sign by a new secret; until the overlap is over, the former one signs as well. The secret is shown once.

    Example: `offramp webhooks rotate-secret login --overlap-hours 48`
    """
    from offramp.commands import webhooks as command

    command.rotate_secret(name, overlap=timedelta(hours=overlap_hours), by=by, as_json=as_json)


@app.command()
def end(name: Name, *, by: By) -> None:
    """End a subscription at once. What is on its way to it is dropped.

    Example: `offramp webhooks end login`
    """
    from offramp.commands import webhooks as command

    command.end(name, by=by)


@app.command()
def replay(
    name: Name,
    *,
    since: Annotated[
        datetime,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="From when on, in UTC if it names no other zone.",
        ),
    ],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Tell a subscription anew, in order, of everything since a time; requests to switch SMS are left out.

    Example: `offramp webhooks replay login --since 2026-03-01`
    """
    from offramp.commands import webhooks as command

    command.replay(name, since=since, by=by, as_json=as_json)


@app.command("test")
def send_test(name: Name, *, as_json: AsJson = False) -> None:
    """Send an event that says nothing, once, and show the answer. Exit code 1 if the receiver does not take it.

    Example: `offramp webhooks test login`
    """
    from offramp.commands import webhooks as command

    command.send_test(name, as_json=as_json)


@app.command()
def dead(
    name: Annotated[str | None, typer.Argument(help="Of this subscription only.")] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the events that nobody took in days, with the reason. Exit code 1 if there is one.

    Example: `offramp webhooks dead login`
    """
    from offramp.commands import webhooks as command

    command.dead(name, limit=limit, as_json=as_json)


@app.command("send-again")
def send_again(name: Name, *, is_sure: Yes = False, by: By) -> None:
    """Try all events of a subscription that are dead for three more days. Exit code 1 if some cannot be sent any more.

    The page *Webhooks* of the console does so with one event, too. Example: `offramp webhooks send-again login`
    """
    from offramp.commands import webhooks as command

    command.send_again(name, is_sure=is_sure, by=by)


@app.command("give-up")
def give_up(name: Name, *, is_sure: Yes = False, by: By) -> None:
    """Take all events of a subscription that are dead off the list; also of one that has ended.

    The page *Webhooks* of the console does so with one event, too. Example: `offramp webhooks give-up login`
    """
    from offramp.commands import webhooks as command

    command.give_up(name, is_sure=is_sure, by=by)
