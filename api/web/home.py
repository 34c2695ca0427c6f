"""The front door."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import Visiting

router = APIRouter()


@router.get("/")
def begin(services: Use, visit: Visiting) -> Response:
    """To the account if the browser is signed in, otherwise to the sign-in; or to the host, if that has these pages."""
    is_at_home = visit.person is not None or services.site.is_orchestrated
    return go_to(services.site.account_page if is_at_home else "/sign-in")
