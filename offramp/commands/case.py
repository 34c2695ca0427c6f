"""`offramp account case`: notes that a person has asked support for help."""

from domain.errors import Unknown
from domain.journal import Actor, EventKind
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind, Author
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import out
from store.people import accounts, journal
from store.staff import audit


def on_this_machine(by: str) -> Author:
    """The author in the audit for a person who works on the machine itself."""
    return Author(by=by, came_from="this machine")


def case(external_id: str, *, reason: str, by: str) -> None:
    """Note that the owner of an account has asked support for help. Raises Unknown, BadReason."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        account = accounts.by_external_id(session, external_id)
        if account is None:
            raise Unknown(f"no account is called {external_id}")
        author, why = on_this_machine(by), clean_reason(reason)
        kind, account_id = EventKind.SUPPORT_CASE, account.account_id
        journal.append(session, account_id, kind, at=clock(), actor=Actor.STAFF, by=author.mark, reason=why)
        audit_kind = AuditKind.CASE_ACTED_ON
        audit.append(
            session, author, audit_kind, at=clock(), account_id=account_id, reason=why, act="support_case"
        )
    out.print(f"noted for {external_id}", markup=False)
