"""`offramp messages`."""

from pathlib import Path
from typing import Annotated

import typer

from domain.facts import Channel
from domain.messages.messages import Template
from offramp.usage.groups import Usage
from offramp.usage.options import AsJson

app = Usage(
    "messages",
    about="Messages: the words of e-mails and text messages.",
    example="offramp messages preview passkey_bound",
)


def _template(name: str) -> Template:
    try:
        return Template(name.replace("-", "_"))
    except ValueError:
        from providers.wording_flaws import nearest

        suggestion = nearest(name, list(Template)) or "`offramp messages list` names them"
        raise typer.BadParameter(f"there is no template {name}; {suggestion}") from None


def _locale(locale: str) -> str:
    from providers.templates import canonical

    if canonical(locale) is None:
        raise typer.BadParameter(f"{locale} is no language; write it like de or de-AT")
    return locale


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the messages: channels, languages, which reminders have words of their own, and which files are yours.

    Example: `offramp messages list --json | jq -r '.[].template'`
    """
    from offramp.commands import messages as command

    command.list_messages(as_json=as_json)


@app.command()
def preview(
    template: Annotated[
        str, typer.Argument(help="Which message; `offramp messages list` names them.", callback=_template)
    ],
    *,
    locale: Annotated[
        str, typer.Option("--locale", help="The person's language, like de or de-AT.", callback=_locale)
    ] = "en",
    channel: Annotated[Channel | None, typer.Option("--channel", help="Only this one.")] = None,
    ordinal: Annotated[int, typer.Option("--ordinal", min=1, help="The reminder's number.")] = 1,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Where the HTML goes, if not to TEMPLATE.LOCALE.html in this directory."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with JSON, HTML included; only --html writes a file.")
    ] = False,
) -> None:
    """Show the words of a message with sample values; the HTML of an e-mail goes to a file. Nothing is sent.

    Examples: `offramp messages preview passkey_bound --locale de`,
    `offramp messages preview nudge_email_verified --channel email --ordinal 2 --html reminder.html`
    """
    from offramp.commands import messages as command

    command.preview(
        Template(template),
        locale=locale,
        channel=channel,
        ordinal=ordinal,
        html=html,
        force=force,
        as_json=as_json,
    )
