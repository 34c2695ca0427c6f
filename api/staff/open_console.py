"""The name of a person in an open console: in development, before the first member is invited."""

from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import Response

from domain.staff.staff import clean_name
from services.site import Site

NAMELESS = "console"
"""The name in the audit until a person gives their own."""

_COOKIE = "offramp-operator"
_A_YEAR = 365 * 24 * 60 * 60


def name_in(request: Request) -> str:
    """The name that a browser keeps; empty if it has none."""
    return clean_name(unquote(request.cookies.get(_COOKIE, "")))


def remember(response: Response, name: str, site: Site) -> None:
    """Keep a name in its browser."""
    response.set_cookie(
        _COOKIE,
        quote(clean_name(name)),
        max_age=_A_YEAR,
        path="/console",
        secure=site.secure,
        httponly=True,
        samesite="strict",
    )
