"""`offramp audit`: writes out everything that staff did, as NDJSON, for reviews and archives."""

from datetime import UTC, datetime

from domain.errors import Unknown
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import print_json_line
from store import Session
from store.people import accounts
from store.staff import audit
from store.staff.audit import Sought


def export(*, since: datetime | None, account: str | None, by: str | None) -> None:
    """Write out what staff did, oldest first."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        sought = Sought(
            since=since.replace(tzinfo=UTC) if since else None,
            account_id=_account_id(session, account) if account else None,
            by=by,
        )
        for entry in audit.read(session, sought):
            print_json_line(entry.model_dump())


def _account_id(session: Session, external_id: str) -> str:
    account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown(f"no account is called {external_id}")
    return account.account_id
