"""The exempt people, for what and until when, page by page, and how many there are."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import SeesLists
from api.web.arguments import Use
from domain.desk.acts import Rest
from domain.desk.stuck_filters import Mark
from domain.staff.staff import AuditKind
from store.desk import exempt
from store.desk.exempt import Exempt
from store.staff import audit

router = APIRouter(tags=["exempt"])


class ExemptParameters(BaseModel):
    """Whom to list; what is left out does not matter."""

    exemption: Rest | None = Field(default=None, description="What they are exempt for.")
    after: str = Field(default="", max_length=100, description="`after` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class ExemptPeople(BaseModel):
    """One page of people, the next to end first; contacts are masked."""

    people: list[Exempt]
    after: str | None = Field(description="The cursor of the next page, if there is one.")


class ExemptCounts(BaseModel):
    """How many people are exempt for each reason."""

    counts: dict[Rest, int]


@router.get("/exempt")
def show_exempt(services: Use, staff: SeesLists, query: Annotated[ExemptParameters, Query()]) -> ExemptPeople:
    """The next people of the list, with masked contacts."""
    now = services.clock()
    with services.database.transaction() as session:
        mark = Mark.read(query.after)
        listed = exempt.page(session, query.exemption, now=now, after=mark, limit=query.limit)
        kind, shown = AuditKind.LIST_SEEN, len(listed.people)
        audit.append(session, staff.author, kind, at=now, list="exempt", shown=shown)
    return ExemptPeople(people=list(listed.people), after=str(listed.after) if listed.after else None)


@router.get("/exempt/counts")
def count_exempt(services: Use, _staff: SeesLists) -> ExemptCounts:
    """How many people are exempt for each reason."""
    with services.database.reading() as session:
        return ExemptCounts(counts=exempt.counts(session, now=services.clock()))
