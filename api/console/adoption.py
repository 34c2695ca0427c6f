"""The Adoption page: how far people are, how that changed over time, and how they sign in. It also prints well."""

from fastapi import APIRouter, Request
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


@router.get("")
def show(
    request: Request, services: Use, staff: SeesRollouts, cohort: str = "", days: int = USUAL
) -> Response:
    """The figures of one cohort or of everybody."""
    figures: AdoptionFigures = request.app.state.adoption
    days = days if days in DAYS else USUAL
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
