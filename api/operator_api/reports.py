"""What there is today, and the figures of adoption: how far everybody is, day by day, how they sign in, what failed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.staff.rights import SeesRollouts
from api.web.arguments import Use
from services.figures.adoption_figures import AdoptionFigures
from services.figures.today import Today
from services.figures.today_figures import TodayFigures
from services.rollouts import cohort_portraits
from store.figures.adoption import Adoption

router = APIRouter(tags=["adoption"])


@router.get("/today")
def show_today(request: Request, _staff: SeesRollouts) -> Today:
    """What runs, what is held and why, what waits for somebody, near end dates, and yesterday's figures."""
    figures: TodayFigures = request.app.state.today
    return figures.read()


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
