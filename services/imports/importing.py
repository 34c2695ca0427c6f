"""Imports a file of accounts: reads, checks, and stores it in batches. A stored batch stays if a later batch fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.facts import Channel
from domain.ports import Clock
from domain.words.names import CONTACTS
from services.imports import told_fields
from services.imports.account_files import FileFormat, WithoutPlus, records
from services.imports.account_records import COLUMNS, BadRow, account_of
from services.imports.file_lines import BadLine
from services.imports.file_records import FileRecord
from services.people import host_imports
from store import Database
from store.people import sharing
from store.people.imports import Imported
from store.people.told_accounts import ImportedAccount

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class SharedLine:
    """A line whose number or address another account has, too; the warning holds no personal data."""

    line: int
    warning: str


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A contact that was left out of an account, with its line; the reason holds no personal data."""

    line: int
    reason: str


@dataclass(kw_only=True)
class Import:
    """One import. `tell` and `miss` are called for a line at once, `warn` and `step` after each batch.

    `tell` is for lines that cannot be used, and `miss` for contacts that are left out of accounts which are kept.
    """

    database: Database
    clock: Clock
    region: str | None = None
    countries: frozenset[str] = frozenset()
    without_plus: WithoutPlus | None = None
    tell: Callable[[BadLine], None] = lambda bad: None
    miss: Callable[[LeftOut], None] = lambda left_out: None
    warn: Callable[[SharedLine], None] = lambda shared: None
    step: Callable[[], None] = lambda: None
    total: Imported = field(default_factory=Imported)
    bad: list[BadLine] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    shared: list[SharedLine] = field(default_factory=list)
    _first_line: dict[str, int] = field(default_factory=dict)

    def run(self, content: BinaryIO, file_format: FileFormat) -> None:
        """Import every account that is good. Raises UnreadableFile if the file as a whole cannot be read."""
        batch: list[ImportedAccount] = []
        for record in records(content, file_format, COLUMNS):
            if account := self._account(record):
                batch.append(account)
            if len(batch) == BATCH:
                self._store(batch)
                batch = []
        self._store(batch)

    def _account(self, record: FileRecord | BadLine) -> ImportedAccount | None:
        if isinstance(record, BadLine):
            self._refuse(record)
            return None
        reasons: list[str] = []
        try:
            account = self._read(record, reasons)
            self._require_first(account, record.line)
        except BadRow as error:
            self._refuse(BadLine(line=record.line, reason=str(error)))
            return None
        for reason in reasons:
            self._leave_out(LeftOut(line=record.line, reason=reason))
        return account

    def _read(self, record: FileRecord, left_out: list[str]) -> ImportedAccount:
        return account_of(
            record.fields,
            region=self.region,
            countries=self.countries,
            without_plus=self.without_plus,
            leave_out=left_out.append,
        )

    def _require_first(self, account: ImportedAccount, line: int) -> None:
        first_line = self._first_line.setdefault(account.external_id, line)
        if first_line != line:
            raise BadRow(f"external_id: it is on line {first_line} already")

    def _refuse(self, bad: BadLine) -> None:
        self.bad.append(bad)
        self.tell(bad)

    def _leave_out(self, left_out: LeftOut) -> None:
        self.left_out.append(left_out)
        self.miss(left_out)

    def _store(self, batch: list[ImportedAccount]) -> None:
        if batch:
            with self.database.transaction() as session:
                at = self.clock()
                total = host_imports.take(session, batch, at=at)
                told_fields.heed_import(session, total.told_anew, at=at)
                self.total += total
                sharers = sharing.of_external_ids(session, [account.external_id for account in batch])
            self._warn(sharers)
        self.step()

    def _warn(self, sharers: Mapping[str, Mapping[Channel, str]]) -> None:
        """Warn of lines in the order of the file; a line before them may have the same contact."""
        for external_id in sorted(sharers, key=lambda shared_id: self._first_line[shared_id]):
            others = sharers[external_id]
            names = " and ".join(CONTACTS[channel] for channel in others)
            lines = sorted(
                {self._first_line[other] for other in others.values() if other in self._first_line}
            )
            seen = f"; see line {' and '.join(map(str, lines))}" if lines else ""
            warning = (
                f"another account has the same {names}: it leads to none of them, and is no way in{seen}"
            )
            shared = SharedLine(line=self._first_line[external_id], warning=warning)
            self.shared.append(shared)
            self.warn(shared)
