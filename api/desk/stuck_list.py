"""The list of who is stuck and why, in pages, and the same as a file. Every look is written down."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.desk.stuck_filters import StuckQuery, read_filters
from api.staff.rights import SeesLists, Staff
from api.web.arguments import Use
from api.web.pages import page
from api.web.spreadsheets import download
from domain.staff.staff import AuditKind
from services.container import Services
from store.desk import stuck, stuck_queries, stuck_rows
from store.rollouts import cohorts
from store.staff import audit

router = APIRouter(prefix="/console/stuck")

Filtered = Annotated[StuckQuery, Depends(read_filters)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, asked: Filtered) -> Response:
    """The next people of the list."""
    now = services.clock()
    filters = asked.filters(now)
    with services.database.reading() as session:
        people = stuck.page(session, filters, now=now, sort=asked.sort, after=asked.after)
        counts = stuck.counts(session, asked.without_reason().filters(now), now=now)
        named = {row.cohort_id: row.name for row in cohorts.every(session)}
    _note(services, staff, AuditKind.LIST_SEEN, asked)
    return page(
        request,
        "console/stuck.html",
        staff=staff,
        asked=asked,
        people=people,
        counts=counts,
        cohorts=named,
        most_looked_at=stuck.MOST_LOOKED_AT,
        most_sorted=stuck_queries.MOST_SORTED,
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, asked: Filtered) -> Response:
    """The whole list as CSV, without contacts."""
    _note(services, staff, AuditKind.LIST_EXPORTED, asked)
    return download("stuck.csv", _rows(services, asked))


def _rows(services: Services, asked: StuckQuery) -> Iterator[tuple[str, ...]]:
    now = services.clock()
    with services.database.reading() as session:
        yield from stuck_rows.rows(session, asked.filters(now), now=now)


def _note(services: Services, staff: Staff, kind: AuditKind, asked: StuckQuery) -> None:
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            kind,
            at=services.clock(),
            cohort_id=asked.cohort or None,
            filters=asked.without_cohort().as_query(),
        )
