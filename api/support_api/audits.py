"""What staff have done, for members who may read it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import ReadsAudit
from api.web.arguments import Use
from api.web.bounds import Count, Moment
from domain.staff.staff import AuditKind
from store import Session
from store.staff import audit, audit_lines
from store.staff.audit import AuditEntry, Sought

router = APIRouter(tags=["audit"])


class AuditParameters(BaseModel):
    """Which entries; what is left out does not matter."""

    account_id: str | None = Field(default=None, max_length=64)
    cohort_id: str | None = Field(default=None, max_length=64)
    kind: AuditKind | None = None
    by: str | None = Field(default=None, max_length=320, description="A member's address.")
    since: Moment | None = None
    until: Moment | None = Field(default=None, description="Entries before this instant.")
    after: Count = Field(default=0, description="`after` of the page before.")
    limit: int = Field(default=100, ge=1, le=500)


class Entry(BaseModel):
    """One thing that one member did."""

    entry_id: int
    at: datetime
    kind: str
    sentence: str = Field(description="What was done, in words that follow `by`.")
    by: str
    role: str | None
    came_from: str
    account_id: str | None
    cohort_id: str | None
    reason: str
    detail: dict[str, Any]


class Entries(BaseModel):
    """One page, oldest first."""

    entries: list[Entry]
    after: int | None = Field(description="The cursor of the next page, if there is one.")


@router.get("/audit")
def read(services: Use, staff: ReadsAudit, query: Annotated[AuditParameters, Query()]) -> Entries:
    """The entries, oldest first. Reading them is written down too."""
    sought = Sought(
        since=query.since,
        until=query.until,
        kind=query.kind,
        account_id=query.account_id,
        cohort_id=query.cohort_id,
        by=query.by,
    )
    with services.database.transaction() as session:
        entries = _entries(session, audit.page(session, sought, after=query.after, limit=query.limit))
        audit.append(
            session,
            staff.author,
            AuditKind.AUDIT_READ,
            at=services.clock(),
            shown=len(entries),
            filters=sought.named(),
        )
    is_full = len(entries) == query.limit
    return Entries(entries=entries, after=entries[-1].entry_id if is_full else None)


def _entries(session: Session, rows: list[AuditEntry]) -> list[Entry]:
    lines = audit_lines.describe(session, rows)
    return [
        Entry.model_validate({**row.model_dump(), "sentence": line.sentence})
        for row, line in zip(rows, lines, strict=True)
    ]
