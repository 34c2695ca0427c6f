"""The audit as people read it: entries with a sentence each, and with what the service calls the account."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import Session

from domain.words.audit_words import sentence
from store.engine.spreadsheets import harmless
from store.people import accounts
from store.rollouts import cohorts
from store.staff import audit
from store.staff.audit import PAGE, AuditEntry, Sought

COLUMNS = (
    "at",
    "by",
    "role",
    "kind",
    "sentence",
    "external_id",
    "account_id",
    "cohort",
    "reason",
    "came_from",
    "others",
)
_OTHERS = ("on_behalf_of", "together_with")


@dataclass(frozen=True, kw_only=True)
class AuditLine:
    """One entry, as a sentence after the name of who did it. `others` are who answers for it as well."""

    entry_id: int
    at: datetime
    by: str
    role: str
    kind: str
    sentence: str
    external_id: str
    account_id: str
    cohort: str
    reason: str
    came_from: str
    others: str


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """One page, the newest first; `before` leads on to older entries, if there are any."""

    lines: tuple[AuditLine, ...]
    before: int | None


def page(session: Session, sought: Sought, *, before: int | None, limit: int) -> AuditPage:
    """The next lines, newest first."""
    entries = audit.latest(session, sought, limit=limit + 1, before=before)
    shown = entries[:limit]
    leads_on = len(entries) > limit
    return AuditPage(lines=tuple(describe(session, shown)), before=shown[-1].entry_id if leads_on else None)


def rows(session: Session, sought: Sought) -> Iterator[tuple[str, ...]]:
    """All of them as the rows of a table, oldest first, after the names of its columns."""
    yield COLUMNS
    for line in each(session, sought):
        yield harmless(_cell(getattr(line, column)) for column in COLUMNS)


def each(session: Session, sought: Sought) -> Iterator[AuditLine]:
    """All of them, oldest first. They are read a page at a time, so that any number fits in memory."""
    entries = audit.read(session, sought)
    while some := list(islice(entries, PAGE)):
        yield from describe(session, some)


def describe(session: Session, entries: Sequence[AuditEntry]) -> Iterable[AuditLine]:
    """A sentence for each entry."""
    ids = sorted({entry.account_id for entry in entries if entry.account_id})
    external_ids = {
        account_id: row.external_id for account_id, row in accounts.get_many(session, ids).items()
    }
    cohort_names = {row.cohort_id: row.name for row in cohorts.every(session)}
    return [
        _line(
            entry,
            external_ids.get(entry.account_id or "", entry.account_id or ""),
            cohort_names.get(entry.cohort_id or "", entry.cohort_id or ""),
        )
        for entry in entries
    ]


def _line(entry: AuditEntry, external_id: str, cohort: str) -> AuditLine:
    return AuditLine(
        entry_id=entry.entry_id or 0,
        at=entry.at,
        by=entry.by,
        role=entry.role or "",
        kind=entry.kind,
        sentence=sentence(entry.kind, entry.detail, account=external_id, cohort=cohort),
        external_id=external_id,
        account_id=entry.account_id or "",
        cohort=cohort,
        reason=entry.reason,
        came_from=entry.came_from,
        others=", ".join(str(entry.detail[name]) for name in _OTHERS if entry.detail.get(name)),
    )


def _cell(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
