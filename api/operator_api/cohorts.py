"""Cohorts: the list, one of them with its waves, guardrails and log, and whom its launches have passed over."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import SeesLists, SeesRollouts
from api.web.arguments import Use
from domain.rollouts.cohorts import Ineligibility
from domain.staff.staff import AuditKind
from services.rollouts import cohort_comparisons, cohort_portraits
from services.rollouts.cohort_comparisons import CohortComparison
from services.rollouts.cohort_portraits import CohortLine, CohortPortrait
from store.rollouts import passed_over
from store.rollouts.passed_over import PassedOverMember
from store.staff import audit

router = APIRouter(prefix="/cohorts", tags=["cohorts"])


class Cohorts(BaseModel):
    """All cohorts that are not archived, the newest first."""

    cohorts: list[CohortLine]


class PassedOverPeople(BaseModel):
    """One page of members whom launches have passed over, in the order of their accounts' ids."""

    people: list[PassedOverMember]
    after: str | None = Field(description="The cursor of the next page, if there is one.")


@router.get("")
def list_cohorts(services: Use, _staff: SeesRollouts) -> Cohorts:
    """All cohorts that are not archived, with where each stands."""
    with services.database.reading() as session:
        return Cohorts(cohorts=cohort_portraits.lines(session))


@router.get("/{name}")
def show_cohort(services: Use, _staff: SeesRollouts, name: str) -> CohortPortrait:
    """One cohort: its standing, how far the people of each wave are, what its guardrails say, and its log."""
    return cohort_portraits.read(services.database, name, now=services.clock())


@router.get("/{name}/comparison")
def compare(
    services: Use,
    _staff: SeesRollouts,
    name: str,
    other: Annotated[str, Query(alias="with", max_length=200, description="The name of the other cohort.")],
) -> CohortComparison:
    """Two cohorts beside each other: how far people are, now and at the same age, guardrails, pace, definition."""
    with services.database.reading() as session:
        return cohort_comparisons.draw(session, name, other, now=services.clock())


@router.get("/{name}/passed-over")
def list_passed_over(
    services: Use,
    staff: SeesLists,
    name: str,
    because: Annotated[Ineligibility | None, Query(description="Only those with this reason.")] = None,
    after: Annotated[str, Query(max_length=100, description="`after` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PassedOverPeople:
    """The next members whom launches have passed over, and why. That the list was seen goes into the audit."""
    with services.database.transaction() as session:
        cohort_id = cohort_portraits.get_by_name(session, name).cohort_id
        people = passed_over.page(session, cohort_id, because=because, after=after, limit=limit + 1)
        audit.append(
            session,
            staff.author,
            AuditKind.LIST_SEEN,
            at=services.clock(),
            cohort_id=cohort_id,
            list="passed_over",
            filters={"because": because} if because else {},
        )
    shown = list(people[:limit])
    return PassedOverPeople(people=shown, after=shown[-1].account_id if len(people) > limit else None)
