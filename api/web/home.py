"""The front door."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.web.pages import go_to
from api.web.visitors import Visiting

router = APIRouter()


@router.get("/")
def begin(visit: Visiting) -> Response:
    """To the account if the browser is signed in, otherwise to the sign-in."""
    return go_to("/account" if visit.person else "/sign-in")
