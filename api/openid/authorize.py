"""Where a host's page sends people, where they go on, and where they go back.

The last is a page that leads on by itself, because a form's answer must not lead to another origin (`form-action`).
"""

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.web import visitors
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import Visiting
from domain.host.sign_on import Turn
from services.openid import sign_ons, ways_back

router = APIRouter()

_PAGES = {Turn.SIGN_IN: "/sign-in", Turn.SET_UP: "/setup", Turn.BACK: visitors.BACK}


async def _posted(request: Request) -> list[tuple[str, str]]:
    body = (await request.body()).decode("utf-8", "replace")
    return parse_qsl(body, keep_blank_values=True)


@router.get("/oidc/authorize")
def arrive(request: Request, services: Use, visit: Visiting) -> Response:
    """Take a host's request: on to the sign-in or the set-up, or back at once if there is nothing to do."""
    arrival = sign_ons.begin(services, visit, request.query_params.multi_items())
    response = (
        RedirectResponse(arrival.away, status_code=303) if arrival.away else go_to(_PAGES[arrival.turn])
    )
    if arrival.admission:
        visitors.admit(response, services, arrival.admission)
    return response


@router.post("/oidc/authorize")
def arrive_by_form(pairs: Annotated[list[tuple[str, str]], Depends(_posted)]) -> Response:
    """The same by a form of the host's page (OpenID Connect Core, 3.1.2.1)."""
    return go_to(f"/oidc/authorize?{urlencode(pairs)}")


@router.get(visitors.GO_ON)
def go_on(services: Use, visit: Visiting) -> Response:
    """On to whatever is next."""
    turn = sign_ons.go_on(services, visit)
    return go_to(_PAGES[turn] if turn else "/")


@router.get(visitors.BACK)
def go_back(request: Request, services: Use, visit: Visiting) -> Response:
    """Back to the host: by itself the first time, by a link afterwards."""
    way_out = ways_back.leave(services, visit)
    if way_out is None:
        return go_to("/")
    return page(request, "openid/back.html", way_out=way_out, way_back="")
