"""The figures of adoption: how far everybody is, how that went day by day, how people sign in, and what failed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.staff.rights import SeesRollouts
from api.web.arguments import Use
from services.figures.adoption_figures import AdoptionFigures
from services.rollouts import cohort_portraits
from store.figures.adoption import Adoption

router = APIRouter(tags=["adoption"])


@router.get("/adoption")
def show_adoption(
    request: Request,
    services: Use,
    _staff: SeesRollouts,
    cohort: Annotated[str, Query(max_length=200, description="Of this cohort alone, by its name.")] = "",
    days: Annotated[int, Query(ge=1, le=366, description="How many days to look back.")] = 30,
) -> Adoption:
    """The figures of the Adoption page. They are kept for some seconds, so that many readers cost one count."""
    figures: AdoptionFigures = request.app.state.adoption
    cohort_id = cohort_portraits.id_of(services.database, cohort) if cohort else None
    return figures.of(cohort_id, days)
