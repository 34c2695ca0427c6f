"""Who is stuck and why, page by page, and how many of them there are."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import SeesLists
from api.support_api.people import People
from api.web.arguments import Use
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
    wave: int | None = Field(default=None, ge=0, description="Counted from 0.")
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
def show(services: Use, staff: SeesLists, asked: Annotated[StuckParameters, Query()]) -> People:
    """The next people of the list, with masked contacts."""
    now = services.clock()
    with services.database.transaction() as session:
        found = stuck.page(
            session,
            _filters(services, asked),
            now=now,
            sort=asked.sort,
            after=Mark.read(asked.after),
            limit=asked.limit,
        )
        audit.append(
            session, staff.author, AuditKind.LIST_SEEN, at=now, list=asked.reason, shown=len(found.people)
        )
    return People(people=list(found.people), after=str(found.after) if found.after else None)


@router.get("/stuck/counts")
def count(services: Use, _staff: SeesLists, asked: Annotated[StuckParameters, Query()]) -> Counts:
    """How many people each reason stops."""
    with services.database.reading() as session:
        counted = stuck.counts(session, _filters(services, asked), now=services.clock())
    return Counts(
        counts={reason: count.people for reason, count in counted.items()},
        or_more=[reason for reason, count in counted.items() if count.or_more],
    )


def _filters(services: Services, asked: StuckParameters) -> Filters:
    return Filters(
        obstacle=asked.reason,
        cohort_id=asked.cohort,
        wave=asked.wave,
        milestone=asked.milestone,
        before=services.clock() - timedelta(days=asked.older) if asked.older else None,
    )
