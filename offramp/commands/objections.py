"""`offramp account objections` and `settle`: what owners say was not them, and how support closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.objections import Outcome
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
    """List those that are open, or all."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        found = objections.list_latest(session) if settled_too else objections.list_open(session)
        lines = _lines(session, found)
    if as_json:
        print_json(lines)
    elif lines:
        out.print(_picture(lines))
    else:
        out.print("no objections" if settled_too else "no open objections")


def settle(objection_id: str, *, outcome: Outcome, reason: str, by: str) -> None:
    """Settle one, and say whether another is open."""
    with opened_database(runnable_settings()) as database:
        account = _settle(database, objection_id, outcome, author=on_this_machine(by), reason=reason)
    out.print(f"settled for {account.external_id}: {outcome}", markup=False)
    if account.disputed_since:
        out.print("another objection of this account is open", markup=False)


def _settle(
    database: Database, objection_id: str, outcome: Outcome, *, author: Author, reason: str
) -> Account:
    """Settle it as the desk does, in the audit too; returns whose it was, as the account is then."""
    now = clock()
    with database.reading() as session:
        account_id = objections.get(session, objection_id).account_id
    with refusals.settling(database, author, account_id, objection_id, at=now) as session:
        settlements.settle(session, author, account_id, objection_id, outcome=outcome, reason=reason, at=now)
        return accounts.get(session, account_id)


def _lines(session: Session, found: Sequence[Objection]) -> list[ObjectionSummary]:
    known = accounts.get_many(session, [objection.account_id for objection in found])
    return [
        ObjectionSummary(
            objection_id=objection.objection_id,
            external_id=known[objection.account_id].external_id,
            about=objection.template,
            made_at=objection.made_at,
            passkey_id=objection.passkey_id,
            outcome=objection.outcome,
            settled_at=objection.settled_at,
            settled_by=objection.settled_by,
            reason=objection.reason,
        )
        for objection in found
    ]


def _picture(lines: Sequence[ObjectionSummary]) -> Listing:
    rows = [
        (line.objection_id, line.external_id, line.about, moment(line.made_at), _outcome(line))
        for line in lines
    ]
    return Listing(titles=("objection", "account", "about", "since", "outcome"), rows=rows)


def _outcome(line: ObjectionSummary) -> str:
    return f"{line.outcome} by {line.settled_by}: {line.reason}" if line.outcome else "open"
