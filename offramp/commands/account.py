"""`offramp account show`: one account, so that whoever looks after it sees where it stands and why."""

import time
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from domain.facts import Channel
from domain.messages import CONTACT_FAULTS, MessageState
from offramp.captions import MILESTONES, fault, message_state, standing, upcoming
from offramp.opening import opened_database, runnable_settings
from offramp.portraits import JournalLine, MessageLine, Portrait, draw
from offramp.terminal import moment, out, print_json
from offramp.wiring import clock
from store import Database

_LOOK_AGAIN_SECONDS = 1.0
_FEW = 12
_TROUBLE = (MessageState.FAILED, MessageState.UNKNOWN)

app = typer.Typer(no_args_is_help=True)


@app.callback()
def account() -> None:
    """One account."""


@app.command()
def show(
    external_id: Annotated[str, typer.Argument(help="The host's id of the account.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with JSON.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it until its journey ends.")] = False,
) -> None:
    """Show where an account stands: facts, milestones, what happens next and when, messages, journal.

    Phone numbers and e-mail addresses are masked.

    Examples: `offramp account show u-1001`, `offramp account show u-1001 --json | jq .facts`
    """
    with opened_database(runnable_settings()) as database:
        if as_json:
            print_json(_portrait(database, external_id))
        elif watch:
            _watch(database, external_id)
        else:
            out.print(_picture(_portrait(database, external_id)))


def _portrait(database: Database, external_id: str) -> Portrait:
    with database.reading() as session:
        return draw(session, external_id)


def _watch(database: Database, external_id: str) -> None:
    portrait = _portrait(database, external_id)
    with Live(
        _picture(portrait, few=True), console=out, auto_refresh=False, vertical_overflow="visible"
    ) as live:
        while portrait.ended_at is None:
            time.sleep(_LOOK_AGAIN_SECONDS)
            portrait = _portrait(database, external_id)
            live.update(_picture(portrait, few=True), refresh=True)


def _picture(portrait: Portrait, *, few: bool = False) -> RenderableType:
    limit = _FEW if few else None
    parts: list[RenderableType] = [
        Panel(Text(standing(portrait), style="bold"), title=portrait.external_id, title_align="left"),
        _about(portrait),
        Text(),
        *_milestones(portrait),
        Text(),
        Text("Messages", style="bold"),
        _section(_messages(portrait), limit),
        Text("\nJournal", style="bold"),
        _section(_journal(portrait), limit),
    ]
    return Group(*parts)


def _about(portrait: Portrait) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    rows = {
        "Next": upcoming(portrait, clock()),
        "Signs in by": ", ".join(portrait.routes) or "nothing that is proven",
        "Text-message codes": portrait.facts.sms,
        "Passkeys": "; ".join(_passkeys(portrait)) or "none",
        "Recovery codes": _recovery_codes(portrait),
        "Reached by": ", ".join(_contacts(portrait)) or "nothing",
        "Policy": portrait.policy.name + ("" if portrait.started_at else " (no journey yet)"),
        "Facts": f"version {portrait.facts.version}, account {portrait.account_id}",
    }
    for name, value in rows.items():
        table.add_row(Text(name, style="dim"), Text(value))
    return table


def _contacts(portrait: Portrait) -> list[str]:
    faults = {line.channel: f" ({fault(line)})" for line in portrait.faults}
    contacts = {Channel.EMAIL: portrait.email, Channel.SMS: portrait.phone}
    return [contact + faults.get(channel, "") for channel, contact in contacts.items() if contact]


def _passkeys(portrait: Portrait) -> list[str]:
    return [
        f"{passkey.platform or 'unknown device'}"
        f"{', synced' if passkey.synced else ''}"
        f", {f'last used {moment(passkey.last_used_at)}' if passkey.last_used_at else 'not used yet'}"
        f"{f', on hold since {moment(passkey.frozen_at)}' if passkey.frozen_at else ''}"
        for passkey in portrait.passkeys
    ]


def _recovery_codes(portrait: Portrait) -> str:
    left = portrait.facts.recovery_codes_left
    if not left:
        return "none"
    return (
        f"{left} left, {'one typed back' if portrait.facts.recovery_codes_proven else 'none typed back yet'}"
    )


def _milestones(portrait: Portrait) -> list[Text]:
    return [
        Text.assemble(
            ("✓ ", "green") if done else ("· ", "dim"), (MILESTONES[milestone], "" if done else "dim")
        )
        for milestone, done in portrait.milestones.items()
    ]


def _messages(portrait: Portrait) -> list[tuple[str, str, str]]:
    return [
        (moment(line.created_at), f"{line.template} by {line.channel}", _state(line))
        for line in portrait.messages
    ]


def _state(line: MessageLine) -> str:
    said = escape(message_state(line))
    in_trouble = line.state in _TROUBLE or line.fate in CONTACT_FAULTS
    return f"[red]{said}[/red]" if in_trouble else said


def _journal(portrait: Portrait) -> list[tuple[str, str, str]]:
    return [(moment(line.at), f"{line.kind} by {line.actor}", _told(line)) for line in portrait.journal]


def _told(line: JournalLine) -> str:
    detail = escape(_detail(line.detail))
    return detail if line.published else f"{detail} [dim](on its way to the journey)[/dim]".lstrip()


def _detail(detail: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {value}" for name, value in detail.items() if value is not None and name != "key"
    )


def _section(rows: list[tuple[str, str, str]], limit: int | None) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for row in rows[-limit:] if limit else rows:
        table.add_row(*row)
    if not rows:
        table.add_row("none")
    return table
