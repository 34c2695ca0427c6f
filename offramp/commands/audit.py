"""`offramp audit`: writes out what staff did: as NDJSON for reviews and archives, as sentences, or as CSV."""

import csv
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import Unknown
from domain.staff.staff import AuditKind
from offramp.opening import opened_database, runnable_settings
from offramp.views.terminal import moment, out, print_json_line
from services.rollouts.cohort_portraits import get_by_name
from store import Session
from store.people import accounts
from store.staff import audit, audit_lines
from store.staff.audit import Sought


@dataclass(frozen=True, kw_only=True)
class WantedEntries:
    """Which entries: `account` is what the service calls it, `cohort` a name; times without a zone are by UTC."""

    since: datetime | None = None
    until: datetime | None = None
    account: str | None = None
    cohort: str | None = None
    by: str | None = None
    kind: AuditKind | None = None


def export(wanted: WantedEntries, *, as_words: bool, as_csv: bool) -> None:
    """Write out what staff did, oldest first. Raises Unknown if there is no such account or cohort."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        sought = _sought(session, wanted)
        if as_csv:
            csv.writer(sys.stdout).writerows(audit_lines.rows(session, sought))
        elif as_words:
            _say(session, sought)
        else:
            for entry in audit.read(session, sought):
                print_json_line(entry.model_dump())


def _say(session: Session, sought: Sought) -> None:
    for line in audit_lines.each(session, sought):
        why = f" “{line.reason}”" if line.reason else ""
        text = f"{moment(line.at)}  {line.by} {line.sentence}.{why}"
        out.print(text, markup=False, highlight=False, soft_wrap=True)


def _sought(session: Session, wanted: WantedEntries) -> Sought:
    return Sought(
        since=wanted.since.replace(tzinfo=UTC) if wanted.since else None,
        until=wanted.until.replace(tzinfo=UTC) if wanted.until else None,
        account_id=_account_id(session, wanted.account) if wanted.account else None,
        cohort_id=get_by_name(session, wanted.cohort).cohort_id if wanted.cohort else None,
        by=wanted.by,
        kind=wanted.kind,
    )


def _account_id(session: Session, external_id: str) -> str:
    account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown(f"no account is called {external_id}")
    return account.account_id
