"""The Adoption page: how far people are, how that changed over time, and how they sign in. It also prints well."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.console.adoption_view import headline, view
from api.staff.rights import SeesRollouts
from api.web.arguments import Use
from api.web.pages import page
from services.figures.adoption_figures import AdoptionFigures
from store.rollouts import cohorts

DAYS = (7, 30, 90)
USUAL = 30

router = APIRouter(prefix="/console/adoption")


def days_of(days: int = USUAL) -> int:
    """How many days are asked for; what cannot be chosen is the usual."""
    return days if days in DAYS else USUAL


@router.get("")
def show(
    request: Request,
    services: Use,
    staff: SeesRollouts,
    days: Annotated[int, Depends(days_of)],
    cohort: str = "",
) -> Response:
    """The figures of one cohort or of everybody."""
    figures: AdoptionFigures = request.app.state.adoption
    with services.database.reading() as session:
        cohort_names = [(row.cohort_id, row.name) for row in cohorts.every(session)]
    shown = view(figures.of(cohort or None, days))
    return page(
        request,
        "console/adoption.html",
        staff=staff,
        shown=shown,
        headline=headline(shown),
        cohorts=cohort_names,
        cohort_id=cohort,
        days=days,
        choices=DAYS,
    )
