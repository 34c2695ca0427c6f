"""The page that puts two cohorts beside each other."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.staff.rights import SeesRollouts
from api.web.arguments import Use
from api.web.pages import page
from domain.words.cohort_pace_words import cohort_pace_words
from domain.words.durations import duration
from services.rollouts import cohort_comparisons
from store.rollouts import cohorts

router = APIRouter(prefix="/console/cohorts/{cohort_id}/compare")


@router.get("")
def show(
    request: Request,
    services: Use,
    staff: SeesRollouts,
    cohort_id: str,
    other: Annotated[str, Query(alias="with", max_length=60)] = "",
) -> Response:
    """One cohort beside another, or the cohorts beside which it can be put."""
    now = services.clock()
    with services.database.reading() as session:
        name = cohorts.get(session, cohort_id).name
        names = {row.cohort_id: row.name for row in cohorts.every(session) if row.cohort_id != cohort_id}
        drawn = (
            cohort_comparisons.draw(session, name, cohorts.get(session, other).name, now=now)
            if other
            else None
        )
    return page(
        request,
        "console/comparison.html",
        staff=staff,
        cohort_id=cohort_id,
        name=name,
        names=names,
        other=other,
        drawn=drawn,
        age=duration(drawn.age) if drawn else "",
        pace_words=cohort_pace_words,
    )
