"""The console's home page: what runs, what is held and why, what waits for somebody, near end dates, and yesterday."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.staff.rights import SeesRollouts
from api.web.pages import instant, page
from domain.staff.staff import Right
from domain.words.today_words import HAPPENED, HOLDS, WAITING, HoldKind, WaitingKind, days_ahead
from services.figures.today_figures import TodayFigures

router = APIRouter(prefix="/console/home")

PLACES = {
    WaitingKind.REQUESTS: ("/console/approvals", Right.APPROVE),
    WaitingKind.END_REQUESTS: ("/console", Right.SEE_ROLLOUTS),
    WaitingKind.ROLLOUTS: ("/console", Right.SEE_ROLLOUTS),
    WaitingKind.OBJECTIONS: ("/console/stuck?reason=objection_open", Right.SEE_LISTS),
    WaitingKind.STUCK: ("/console/stuck", Right.SEE_LISTS),
    WaitingKind.EXEMPTIONS: ("/console/exempt?due=true", Right.SEE_LISTS),
    WaitingKind.WEBHOOKS: ("/console/webhooks", Right.TEND_WEBHOOKS),
}
"""Where what waits is dealt with, and the right that it takes to go there."""

HOLD_PLACES = {HoldKind.SWITCH: "/console/switches", HoldKind.GUARD: "/console/guard"}
"""Where what is held for everybody is let go on."""


@router.get("")
def show(request: Request, staff: SeesRollouts) -> Response:
    """The whole page."""
    return _page(request, staff, "console/home.html")


@router.get("/live")
def show_anew(request: Request, staff: SeesRollouts) -> Response:
    """The part of the page that changes."""
    return _page(request, staff, "console/home_live.html")


def _page(request: Request, staff: SeesRollouts, template: str) -> Response:
    figures: TodayFigures = request.app.state.today
    return page(
        request,
        template,
        staff=staff,
        shown=figures.read(when=instant),
        places=PLACES,
        hold_places=HOLD_PLACES,
        hold_words=HOLDS,
        waiting_words=WAITING,
        happened=HAPPENED,
        days_ahead=days_ahead,
    )
