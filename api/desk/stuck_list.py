"""The list of stuck people, with the reasons: in pages, and as a file. The audit keeps every look."""

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
def show(request: Request, services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The next people of the list."""
    now = services.clock()
    filters = query.filters(now)
    with services.database.reading() as session:
        people = stuck.page(session, filters, now=now, sort=query.sort, after=query.after)
        counts = stuck.counts(session, query.without_reason().filters(now), now=now)
        cohort_names = {row.cohort_id: row.name for row in cohorts.every(session)}
    _note(services, staff, AuditKind.LIST_SEEN, query)
    return page(
        request,
        "console/stuck.html",
        staff=staff,
        query=query,
        people=people,
        counts=counts,
        cohorts=cohort_names,
        most_looked_at=stuck.MOST_LOOKED_AT,
        most_sorted=stuck_queries.MOST_SORTED,
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The whole list as CSV, without contacts."""
    _note(services, staff, AuditKind.LIST_EXPORTED, query)
    return download("stuck.csv", _rows(services, query))


def _rows(services: Services, query: StuckQuery) -> Iterator[tuple[str, ...]]:
    now = services.clock()
    with services.database.reading() as session:
        yield from stuck_rows.rows(session, query.filters(now), now=now)


def _note(services: Services, staff: Staff, kind: AuditKind, query: StuckQuery) -> None:
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            kind,
            at=services.clock(),
            cohort_id=query.cohort or None,
            filters=query.without_cohort().as_query(),
        )
