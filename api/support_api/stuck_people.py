"""The stuck people, with the reasons, page by page, and how many there are."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import SeesLists
from api.support_api.people import People
from api.web.arguments import Use
from api.web.bounds import Count
from domain.desk.stuck import Obstacle
from domain.desk.stuck_filters import Filters, Mark, Sort
from domain.facts import Milestone
from domain.staff.staff import AuditKind
from services.container import Services
from store.desk import stuck
from store.staff import audit

router = APIRouter(tags=["stuck"])


class StuckParameters(BaseModel):
    """Whom to list; what is left out does not matter."""

    reason: Obstacle | None = None
    cohort: str | None = Field(default=None, max_length=64, description="The cohort's id.")
    wave: Count | None = Field(default=None, description="Counted from 0.")
    milestone: Milestone | None = None
    older: int = Field(default=0, ge=0, le=3650, description="Stuck for that many days or longer.")
    sort: Sort = Sort.OLDEST
    after: str = Field(default="", max_length=100, description="`after` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class Counts(BaseModel):
    """How many people each reason stops, as the same filters list them."""

    counts: dict[Obstacle, int]
    or_more: list[Obstacle] = Field(
        description="Reasons that may stop more: they were not counted to the end."
    )


@router.get("/stuck")
def show(services: Use, staff: SeesLists, query: Annotated[StuckParameters, Query()]) -> People:
    """The next people of the list, with masked contacts."""
    now = services.clock()
    with services.database.transaction() as session:
        listed = stuck.page(
            session,
            _filters(services, query),
            now=now,
            sort=query.sort,
            after=Mark.read(query.after),
            limit=query.limit,
        )
        audit.append(
            session, staff.author, AuditKind.LIST_SEEN, at=now, list=query.reason, shown=len(listed.people)
        )
    return People(people=list(listed.people), after=str(listed.after) if listed.after else None)


@router.get("/stuck/counts")
def count(services: Use, _staff: SeesLists, query: Annotated[StuckParameters, Query()]) -> Counts:
    """How many people each reason stops."""
    with services.database.reading() as session:
        obstacle_counts = stuck.counts(session, _filters(services, query), now=services.clock())
    return Counts(
        counts={reason: count.people for reason, count in obstacle_counts.items()},
        or_more=[reason for reason, count in obstacle_counts.items() if count.or_more],
    )


def _filters(services: Services, query: StuckParameters) -> Filters:
    return Filters(
        obstacle=query.reason,
        cohort_id=query.cohort,
        wave=query.wave,
        milestone=query.milestone,
        before=services.clock() - timedelta(days=query.older) if query.older else None,
    )
