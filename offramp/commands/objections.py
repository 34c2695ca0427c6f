"""`offramp account objections` and `settle`: list and settle the objections of owners."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.safety.objections import Outcome
from domain.staff.staff import Author
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, out, print_json
from services.safety import settlements
from store import Database, Session
from store.acts import refusals
from store.people import accounts
from store.people.accounts import Account
from store.safety import objections
from store.safety.objections import Objection


@dataclass(frozen=True, kw_only=True)
class ObjectionSummary:
    """One objection, as it is shown."""

    objection_id: str
    external_id: str
    about: str
    made_at: datetime
    passkey_id: str | None
    outcome: str | None
    settled_at: datetime | None
    settled_by: str | None
    reason: str | None


def list_objections(*, settled_too: bool, as_json: bool) -> None:
    """List the open objections, or the latest of all objections."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        chosen_objections = objections.list_latest(session) if settled_too else objections.list_open(session)
        lines = _lines(session, chosen_objections)
    if as_json:
        print_json(lines)
    elif lines:
        out.print(_picture(lines))
    else:
        out.print("no objections" if settled_too else "no open objections")


def settle(objection_id: str, *, outcome: Outcome, reason: str, by: str, with_member: str) -> None:
    """Settle an objection as two members, and say whether the account has another open objection."""
    author = replace(on_this_machine(by), together_with=with_member)
    with opened_database(runnable_settings()) as database:
        account = _settle(database, objection_id, outcome, author=author, reason=reason)
    out.print(f"settled for {account.external_id}: {outcome}", markup=False)
    if account.disputed_since:
        out.print("another objection of this account is open", markup=False)


def _settle(
    database: Database, objection_id: str, outcome: Outcome, *, author: Author, reason: str
) -> Account:
    """Settle an objection as the desk does, with an entry in the audit; returns the account as it is afterwards."""
    now = clock()
    with database.reading() as session:
        account_id = objections.get(session, objection_id).account_id
    with refusals.settling(database, author, account_id, objection_id, at=now) as session:
        settlements.settle(session, author, account_id, objection_id, outcome=outcome, reason=reason, at=now)
        return accounts.get(session, account_id)


def _lines(session: Session, chosen_objections: Sequence[Objection]) -> list[ObjectionSummary]:
    accounts_by_id = accounts.get_many(session, [objection.account_id for objection in chosen_objections])
    return [
        ObjectionSummary(
            objection_id=objection.objection_id,
            external_id=accounts_by_id[objection.account_id].external_id,
            about=objection.template,
            made_at=objection.made_at,
            passkey_id=objection.passkey_id,
            outcome=objection.outcome,
            settled_at=objection.settled_at,
            settled_by=objection.settled_by,
            reason=objection.reason,
        )
        for objection in chosen_objections
    ]


def _picture(lines: Sequence[ObjectionSummary]) -> Listing:
    rows = [
        (line.objection_id, line.external_id, line.about, moment(line.made_at), _outcome(line))
        for line in lines
    ]
    return Listing(titles=("objection", "account", "about", "since", "outcome"), rows=rows)


def _outcome(line: ObjectionSummary) -> str:
    return f"{line.outcome} by {line.settled_by}: {line.reason}" if line.outcome else "open"
