"""The audit, as people read it: sentences, by member, kind, account, cohort and day; in pages, and as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.staff.rights import ReadsAudit, Staff
from api.web.arguments import Use
from api.web.pages import page
from api.web.spreadsheets import download
from domain.staff.staff import AuditKind
from domain.words.audit_words import KINDS
from services.container import Services
from store import Session
from store.people import accounts
from store.rollouts import cohorts
from store.staff import audit, audit_lines, staff
from store.staff.audit import Sought

_ROWS = 50
_DAYS_END = date(9999, 1, 1)
"""A day after which nobody looks; the day after it is still in the calendar."""

router = APIRouter(prefix="/console/audit")


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """The filters, and where the page begins. `account` is what the service calls it, or our id.

    `first` and `last` are days by UTC, both included.
    """

    by: str = ""
    kind: AuditKind | None = None
    account: str = ""
    cohort: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        days = {"from": self.first, "to": self.last}
        named = {"by": self.by, "kind": self.kind or "", "account": self.account, "cohort": self.cohort}
        named |= {name: day.isoformat() for name, day in days.items() if day}
        return {name: value for name, value in named.items() if value}

    def path(self, below: str = "", **changes: object) -> str:
        """This list from its newest entry on, with changes."""
        query = self.filters | {name: str(value) for name, value in changes.items()}
        return f"/console/audit{below}" + (f"?{urlencode(query)}" if query else "")

    def sought(self, session: Session) -> Sought:
        """The filters as the store takes them."""
        account = accounts.by_external_id(session, self.account) if self.account else None
        return Sought(
            by=self.by or None,
            kind=self.kind,
            account_id=account.account_id if account else self.account or None,
            cohort_id=self.cohort or None,
            since=_midnight(self.first) if self.first else None,
            until=_midnight(self.last + timedelta(days=1)) if self.last else None,
        )


def _read_query(
    by: Annotated[str, Query(max_length=320)] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    account: Annotated[str, Query(max_length=200)] = "",
    cohort: Annotated[str, Query(max_length=64)] = "",
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> AuditQuery:
    return AuditQuery(
        by=by.strip(),
        kind=AuditKind(kind) if kind in list(AuditKind) else None,
        account=account.strip(),
        cohort=cohort,
        first=_day(first),
        last=_day(last),
        before=before,
    )


Filtered = Annotated[AuditQuery, Depends(_read_query)]


@router.get("")
def show(request: Request, services: Use, member: ReadsAudit, query: Filtered) -> Response:
    """One page, the newest first. Reading it is written down, too."""
    with services.database.reading() as session:
        listed = audit_lines.page(session, query.sought(session), before=query.before, limit=_ROWS)
        cohort_names = {row.cohort_id: row.name for row in cohorts.every(session)}
        addresses = [row.address for row in staff.everybody(session, ended_too=True)]
    _note(services, member, query, shown=len(listed.lines))
    return page(
        request,
        "staff/audit.html",
        staff=member,
        query=query,
        listed=listed,
        kinds=KINDS,
        cohorts=cohort_names,
        addresses=addresses,
    )


@router.get("/export")
def export(services: Use, member: ReadsAudit, query: Filtered) -> Response:
    """All of it that the filters leave, as CSV, the oldest first."""
    _note(services, member, query)
    return download("audit.csv", _rows(services, query))


def _rows(services: Services, query: AuditQuery) -> Iterator[tuple[str, ...]]:
    with services.database.reading() as session:
        yield from audit_lines.rows(session, query.sought(session))


def _note(services: Services, member: Staff, query: AuditQuery, **detail: Any) -> None:
    with services.database.transaction() as session:
        kind, now = AuditKind.AUDIT_READ, services.clock()
        audit.append(session, member.author, kind, at=now, filters=_safe(query.filters), **detail)


def _safe(filters: dict[str, str]) -> dict[str, str]:
    """The filters as the audit keeps them: an account may have been typed by its address, which is not kept."""
    return {name: "one" if name == "account" else value for name, value in filters.items()}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return min(day, _DAYS_END)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
