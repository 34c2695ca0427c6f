"""Imports a stream of accounts of any length: it keeps no more than one batch, and says what became of each line."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

import structlog

from domain.words.names import CONTACTS
from services.container import Services
from services.imports import told_fields
from services.imports.account_files import ndjson_records
from services.imports.account_records import COLUMNS, BadRow, account_of
from services.imports.file_lines import BadLine, Line, lines_of
from services.imports.file_records import FileRecord
from services.people import host_imports
from store.engine.absences import DatabaseAway
from store.people import sharing
from store.people.told_accounts import ImportedAccount

log = structlog.get_logger()

BATCH = 500
"""Accounts that are stored at once."""


@dataclass(frozen=True, kw_only=True)
class LineRemark:
    """What is to be said of one line: why it was refused, which contact was left out, or what to look at."""

    line: int
    refused: str | None = None
    left_out: str | None = None
    warning: str | None = None


@dataclass(frozen=True, kw_only=True)
class StreamProgress:
    """How far a stream is: every line up to `committed_line` is stored, or refused and told.

    `done` is None on the way. At the end it says whether all lines were read; if not, send again what comes after.
    """

    committed_line: int
    new: int
    changed: int
    unchanged: int
    refused: int
    done: bool | None = None


@dataclass(kw_only=True)
class StreamImport:
    """One stream of NDJSON. `tell` is handed each part of the answer as soon as it can be said.

    Unlike a file, a stream may name an account twice, and the later line counts: to notice would take the memory of
    all ids.
    """

    services: Services
    tell: Callable[[LineRemark | StreamProgress], None]
    at_once: int = BATCH
    _batch: dict[str, tuple[int, ImportedAccount]] = field(default_factory=dict)
    _seen_line: int = 0
    _committed_line: int = 0
    _new: int = 0
    _changed: int = 0
    _unchanged: int = 0
    _refused: int = 0

    def run(self, content: BinaryIO, *, after_line: int = 0) -> None:
        """Import every good line behind `after_line`; stop when the database cannot be reached."""
        self._seen_line = self._committed_line = after_line
        is_done = False
        with suppress(DatabaseAway):
            for record in ndjson_records(_behind(after_line, lines_of(content)), COLUMNS):
                self._take(record)
                self._seen_line = record.line
            self._store()
            is_done = True
        self.tell(self._progress(is_done=is_done))
        log.info(
            "accounts_streamed", done=is_done, new=self._new, changed=self._changed, refused=self._refused
        )

    def _take(self, record: FileRecord | BadLine) -> None:
        left_out: list[str] = []
        try:
            account = self._read(record, left_out)
        except BadRow as error:
            self._refused += 1
            self.tell(LineRemark(line=record.line, refused=str(error)))
            return
        for reason in left_out:
            self.tell(LineRemark(line=record.line, left_out=reason))
        if account.external_id in self._batch or len(self._batch) == self.at_once:
            self._store()
            self.tell(self._progress())
        self._batch[account.external_id] = (record.line, account)

    def _read(self, record: FileRecord | BadLine, left_out: list[str]) -> ImportedAccount:
        if isinstance(record, BadLine):
            raise BadRow(record.reason)
        return account_of(
            record.fields,
            region=None,
            countries=self.services.sms_countries,
            needs_phone=False,
            leave_out=left_out.append,
        )

    def _store(self) -> None:
        imported = [account for _, account in self._batch.values()]
        if imported:
            with self.services.database.transaction() as session:
                at = self.services.clock()
                total = host_imports.take(session, imported, at=at)
                told_fields.heed_import(session, total.told_anew, at=at)
                sharers = sharing.of_external_ids(session, list(self._batch))
            self._new, self._changed = self._new + total.new, self._changed + total.changed
            self._unchanged += total.unchanged
            for external_id, others in sharers.items():
                names = " and ".join(CONTACTS[channel] for channel in others)
                warning = f"another account has the same {names}: it leads to none of them, and is no way in"
                self.tell(LineRemark(line=self._batch[external_id][0], warning=warning))
            self._batch.clear()
        self._committed_line = self._seen_line

    def _progress(self, *, is_done: bool | None = None) -> StreamProgress:
        return StreamProgress(
            committed_line=self._committed_line,
            new=self._new,
            changed=self._changed,
            unchanged=self._unchanged,
            refused=self._refused,
            done=is_done,
        )


def _behind(after_line: int, lines: Iterator[Line | BadLine]) -> Iterator[Line | BadLine]:
    for line in lines:
        if (line.number if isinstance(line, Line) else line.line) > after_line:
            yield line
