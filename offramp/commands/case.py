"""`offramp account case`: notes that a person has asked support for help."""

from typing import Annotated

import typer

from domain.errors import Unknown
from domain.journal import Actor, EventKind
from domain.staff.staff import AuditKind, Author
from offramp.opening import opened_database, runnable_settings
from offramp.orders.cohort_orders import os_user
from offramp.views.terminal import out
from offramp.wiring import clock
from store.people import accounts, journal
from store.staff import audit

_LONGEST_REASON = 200


def short_reason(text: str) -> str:
    """A reason that says something, and is short enough to be read; typer's BadParameter otherwise."""
    if not text.strip():
        raise typer.BadParameter("say in a few words what it is about")
    if len(text) > _LONGEST_REASON:
        raise typer.BadParameter(f"{_LONGEST_REASON} characters at most")
    return text.strip()


def on_this_machine(by: str) -> Author:
    """Who works on the machine itself, for the audit."""
    return Author(by=by, came_from="this machine")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(case)


def case(
    external_id: Annotated[str, typer.Argument(help="The host's id of the account.")],
    *,
    reason: Annotated[
        str,
        typer.Option("--reason", help="What about; no names, numbers or addresses.", callback=short_reason),
    ],
    by: Annotated[
        str,
        typer.Option(
            "--by", help="Who, if not the user of this machine.", default_factory=os_user, show_default=False
        ),
    ],
) -> None:
    """Note that a person has asked support for help. Guardrails count it, and the account's journal keeps it.

    Example: `offramp account case u-1001 --reason "cannot find the passkey on the new phone"`
    """
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        account = accounts.by_external_id(session, external_id)
        if account is None:
            raise Unknown(f"no account is called {external_id}")
        kind, account_id = EventKind.SUPPORT_CASE, account.account_id
        journal.append(session, account_id, kind, at=clock(), actor=Actor.STAFF, by=by, reason=reason)
        author, noted = on_this_machine(by), AuditKind.CASE_ACTED_ON
        audit.append(
            session, author, noted, at=clock(), account_id=account_id, reason=reason, act="support_case"
        )
    out.print(f"noted for {external_id}", markup=False)
