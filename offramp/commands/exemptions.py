"""`offramp exemptions list`, `show` and `bases`: the register as a table, as JSON or as CSV."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.desk.exemptions import Bases, ExemptionRecord
from domain.errors import Unknown
from domain.words.desk_words import exemption_stands
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, out, print_json
from services.rollouts.cohort_portraits import get_by_name
from services.staff import exemption_bases
from store import Session
from store.desk import exemption_records
from store.engine.spreadsheets import harmless
from store.people import accounts, exemptions
from store.people.accounts import Account

COLUMNS = (
    *("external_id", "account_id", "exemption_id", "basis", "reason", "evidence", "asked_by", "approved_by"),
    *("granted_at", "review_at", "reviewed_at", "expires_at", "renews", "told_at"),
    *("ended_at", "ended_because", "ended_by"),
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which exemptions are listed: on one basis, of one cohort, due for review, and those that are over, too."""

    basis: str = ""
    cohort: str = ""
    is_due: bool = False
    over_too: bool = False

    def has(self, record: ExemptionRecord, now: datetime) -> bool:
        """Whether an exemption is one of them, whatever its cohort."""
        is_over = record.ended_at is not None or record.expires_at <= now
        if (is_over and not self.over_too) or (self.is_due and not record.is_due(now)):
            return False
        return not self.basis or record.basis == self.basis


@dataclass(frozen=True, kw_only=True)
class RegisterLine:
    """One exemption, and the account's id at the host."""

    external_id: str
    record: ExemptionRecord

    def cells(self) -> dict[str, Any]:
        """The line as JSON and CSV have it."""
        fields = asdict(self.record) | {"external_id": self.external_id}
        return {column: fields[column] for column in COLUMNS}


def list_(wanted: Wanted, *, as_json: bool, as_csv: bool) -> None:
    """List exemptions. Raises Unknown if there is no such cohort."""
    settings, now = runnable_settings(), clock()
    with opened_database(settings) as database, database.reading() as session:
        cohort_id = get_by_name(session, wanted.cohort).cohort_id if wanted.cohort else None
        records = [
            record
            for record in exemption_records.records(session, cohort_id=cohort_id)
            if wanted.has(record, now)
        ]
        records.sort(key=lambda record: (record.expires_at, record.account_id))
        lines = _lines(session, records)
    if as_csv:
        _write_csv(lines)
    else:
        _print(lines, exemption_bases.load(settings.exemption_bases), now, as_json=as_json)


def show(external_id: str, *, as_json: bool) -> None:
    """Show the exemptions of one account. Raises Unknown."""
    settings = runnable_settings()
    with opened_database(settings) as database, database.reading() as session:
        account = account_of(session, external_id)
        lines = _lines(session, exemptions.of_account(session, account.account_id))
    _print(lines, exemption_bases.load(settings.exemption_bases), clock(), as_json=as_json)


def bases(*, as_json: bool) -> None:
    """List the grounds that there are."""
    grounds = exemption_bases.load(runnable_settings().exemption_bases)
    day = timedelta(days=1)
    lines = [
        {
            "code": basis.code,
            "words": basis.words,
            "longest_days": basis.longest // day,
            "reviewed_after_days": basis.reviewed_after // day,
            "needs_evidence": basis.needs_evidence,
            "takes_two": basis.takes_two,
        }
        for basis in grounds
    ]
    if as_json:
        print_json(lines)
        return
    titles = ("basis", "what for", "days at most", "reviewed after", "needs evidence", "takes two")
    rows = [[_said(cell) for cell in line.values()] for line in lines]
    out.print(Listing(titles=titles, rows=rows, numbers=titles[2:4]))


def account_of(session: Session, external_id: str) -> Account:
    """The account of a host's id. Raises Unknown."""
    account = accounts.by_external_id(session, external_id)
    if account is None:
        raise Unknown(f"no account is called {external_id}")
    return account


def _lines(session: Session, records: Sequence[ExemptionRecord]) -> list[RegisterLine]:
    whose = accounts.get_many(session, list({record.account_id for record in records}))
    return [
        RegisterLine(external_id=whose[record.account_id].external_id, record=record) for record in records
    ]


def _print(lines: Sequence[RegisterLine], grounds: Bases, now: datetime, *, as_json: bool) -> None:
    if as_json:
        print_json([line.cells() for line in lines])
    elif lines:
        titles = ("account", "what for", "since", "until", "review", "stands")
        out.print(Listing(titles=titles, rows=[_row(line, grounds, now) for line in lines]))
    else:
        out.print("no exemptions")


def _row(line: RegisterLine, grounds: Bases, now: datetime) -> tuple[str, ...]:
    record = line.record
    return (
        line.external_id,
        grounds.words(record.basis),
        moment(record.granted_at),
        moment(record.expires_at),
        "" if record.ended_at else moment(record.review_at),
        exemption_stands(record, now),
    )


def _write_csv(lines: Sequence[RegisterLine]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow(harmless(tuple(_said(cell) for cell in line.cells().values())))


def _said(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat()
    return "" if cell is None else str(cell)
