"""`offramp account show`: shows support where one account stands, and why."""

import time
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from domain.desk.cases import Case, JournalLine, MessageLine
from domain.desk.tickets import Ticket, address_of
from domain.errors import Unknown
from domain.messages.messages import NOT_ARRIVED, MessageState
from domain.safety.provisional import Provisional
from domain.words.desk_words import authenticator_app, recovery_codes
from domain.words.host_words import sign_ins_there
from domain.words.names import CHANNELS, exception
from domain.words.standings import MILESTONES, standing, upcoming
from domain.words.stuck_words import NAMES, helps
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.case_pictures import contact, message_state
from offramp.views.tables import Cell, Chronicle, Particulars
from offramp.views.terminal import moment, out, print_json
from store import Database
from store.desk import cases
from store.people import accounts

_LOOK_AGAIN_SECONDS = 1.0
_FEW = 12
_TROUBLE = (MessageState.FAILED, MessageState.UNKNOWN)


def show(external_id: str, *, as_json: bool, watch: bool) -> None:
    """Show an account once. With `watch`, show it again and again until its journey ends."""
    with opened_database(runnable_settings()) as database:
        if as_json:
            print_json(_case(database, external_id))
        elif watch:
            _watch(database, external_id)
        else:
            out.print(_picture(_case(database, external_id)))


def _case(database: Database, external_id: str) -> Case:
    with database.reading() as session:
        account = accounts.by_external_id(session, external_id)
        if account is None:
            raise Unknown(f"no account is called {external_id}")
        return cases.draw(session, account.account_id, now=clock())


def _watch(database: Database, external_id: str) -> None:
    case = _case(database, external_id)
    with Live(_picture(case, few=True), console=out, auto_refresh=False, vertical_overflow="visible") as live:
        while case.ended_at is None:
            time.sleep(_LOOK_AGAIN_SECONDS)
            case = _case(database, external_id)
            live.update(_picture(case, few=True), refresh=True)


def _picture(case: Case, *, few: bool = False) -> RenderableType:
    latest = slice(-_FEW, None) if few else slice(None)
    parts: list[RenderableType] = [
        Panel(Text(standing(case, clock()), style="bold"), title=case.external_id, title_align="left"),
        _about(case),
        Text(),
        *_milestones(case),
        Text(),
        Text("Messages", style="bold"),
        Chronicle(rows=_messages(case)[latest]),
        Text("\nJournal", style="bold"),
        Chronicle(rows=_journal(case)[latest]),
    ]
    return Group(*parts)


def _about(case: Case) -> Particulars:
    return Particulars(
        values={
            "Next": _next(case),
            "Tickets": "\n".join(map(_ticket, case.tickets)) or "none",
            "What helps": "\n".join(_helps(case)) or "nothing is in the way",
            "Signs in by": ", ".join(case.routes) or "nothing that is proven",
            "Sign-ins at the host": sign_ins_there(case.at_host),
            "Text-message codes": case.facts.sms,
            "Passkeys": "; ".join(_passkeys(case)) or "none",
            "Not final yet": "; ".join(map(_provisional, case.provisional)) or "nothing",
            "Authenticator app": authenticator_app(case.facts, case.policy),
            "Recovery codes": recovery_codes(case.facts, is_at_host=case.is_at_host),
            "Reached by": ", ".join(map(contact, case.contacts)) or "nothing",
            "Policy": case.policy.name + ("" if case.started_at else " (no journey yet)"),
            "Facts": f"version {case.facts.version}, account {case.account_id}",
        }
    )


def _ticket(ticket: Ticket) -> str:
    where = address_of(runnable_settings().ticket_url, ticket.ticket_id)
    name = f"{ticket.ticket_id} {where}" if where else ticket.ticket_id
    if ticket.closed_at:
        return f"{name}, closed {moment(ticket.closed_at)}"
    return f"{name}, open since {moment(ticket.opened_at)}" if ticket.opened_at else name


def _helps(case: Case) -> list[str]:
    return [
        f"{NAMES[hurdle.obstacle]}: {helps(hurdle.obstacle, is_at_host=case.is_at_host)}"
        for hurdle in case.hurdles
    ]


def _next(case: Case) -> str:
    sentence = upcoming(case, clock())
    return f"{sentence} See offramp account objections." if case.facts.disputed_since else sentence


def _passkeys(case: Case) -> list[str]:
    return [
        f"{passkey.platform or 'unknown device'}"
        f"{', synced' if passkey.synced else ''}"
        f", {f'last used {moment(passkey.last_used_at)}' if passkey.last_used_at else 'not used yet'}"
        f"{f', on hold since {moment(passkey.frozen_at)}' if passkey.frozen_at else ''}"
        f"{', at the host' if passkey.is_at_host else ''}"
        for passkey in case.passkeys
        if passkey.removed_at is None
    ]


def _provisional(new: Provisional) -> str:
    if new.established_from:
        return f"{new.name} until {moment(new.established_from)}"
    return f"{new.name} until {'our notice has gone out' if new.awaits_notice else 'somebody confirms it'}"


def _milestones(case: Case) -> list[Text]:
    return [
        Text.assemble(
            ("✓ ", "green") if done else ("· ", "dim"), (MILESTONES[milestone], "" if done else "dim")
        )
        for milestone, done in case.milestones.items()
    ]


def _messages(case: Case) -> list[tuple[Cell, ...]]:
    return [
        (moment(line.created_at), f"{line.name} by {CHANNELS[line.channel]}", _state(line))
        for line in case.messages
    ]


def _state(line: MessageLine) -> Text:
    in_trouble = line.state in _TROUBLE or line.fate in NOT_ARRIVED
    return Text(message_state(line), style="red" if in_trouble else "")


def _journal(case: Case) -> list[tuple[Cell, ...]]:
    return [(moment(line.at), f"{line.kind} by {line.actor}", _told(line)) for line in case.journal]


def _told(line: JournalLine) -> Text:
    detail = _detail(line.detail)
    if line.published:
        return Text(detail)
    return Text(" " if detail else "").join([Text(detail), Text("(on its way to the journey)", style="dim")])


def _detail(detail: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} {exception(value) if name == 'name' else value}"
        for name, value in detail.items()
        if value is not None and name != "key"
    )
