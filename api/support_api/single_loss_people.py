"""Those who are one loss away from being locked out, page by page, and how many there are."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import SeesLists
from api.web.arguments import Use
from domain.desk.stuck_filters import Mark
from domain.staff.staff import AuditKind
from domain.upkeep.possessions import Thing
from store.desk import single_losses
from store.desk.single_losses import LossFilter, OneLossAway
from store.staff import audit

router = APIRouter(tags=["one loss away"])

_COHORT = "The id of the cohort that has launched them."


class OneLossParameters(BaseModel):
    """Whom to list; what is left out does not matter."""

    thing: Thing | None = Field(default=None, description="The one thing on which the account hangs.")
    cohort: str = Field(default="", max_length=40, description=_COHORT)
    after: str = Field(default="", max_length=100, description="`after` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class OneLossPeople(BaseModel):
    """One page of people, those first whose text-message codes have been off for longest; contacts are masked."""

    people: list[OneLossAway]
    after: str | None = Field(description="The cursor of the next page, if there is one.")


class OneLossCounts(BaseModel):
    """How many accounts hang on each kind of thing."""

    counts: dict[Thing, int]


@router.get("/one-loss")
def show_one_loss(
    services: Use, staff: SeesLists, query: Annotated[OneLossParameters, Query()]
) -> OneLossPeople:
    """The next people of the list, with masked contacts."""
    now = services.clock()
    wanted = LossFilter(thing=query.thing, cohort_id=query.cohort or None)
    with services.database.transaction() as session:
        mark = Mark.read(query.after)
        listed = single_losses.page(session, wanted, now=now, after=mark, limit=query.limit)
        kind, shown = AuditKind.LIST_SEEN, len(listed.people)
        audit.append(session, staff.author, kind, at=now, list="one_loss", shown=shown)
    return OneLossPeople(people=list(listed.people), after=str(listed.after) if listed.after else None)


@router.get("/one-loss/counts")
def count_one_loss(
    services: Use,
    _staff: SeesLists,
    cohort: Annotated[str, Query(max_length=40, description=_COHORT)] = "",
) -> OneLossCounts:
    """How many accounts hang on each kind of thing."""
    with services.database.reading() as session:
        counts = single_losses.counts(session, now=services.clock(), cohort_id=cohort or None)
    return OneLossCounts(counts=counts)
