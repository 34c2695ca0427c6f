"""The token by which a browser follows a request."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from api.web.arguments import Use
from api.web.cookies import TokenCookie
from domain.recovery import FOLLOWED_FOR
from services.container import Services

_COOKIE = TokenCookie(name="offramp-recovery", lifetime=FOLLOWED_FOR, same_site="lax")


def _token(request: Request, services: Use) -> str | None:
    return request.cookies.get(_COOKIE.name_at(services.site))


Followed = Annotated[str | None, Depends(_token)]
"""The token of the request that this browser follows, as an argument of a route."""


def follow(response: Response, services: Services, token: str) -> Response:
    """Let the browser follow a request."""
    _COOKIE.keep(response, services.site, token)
    return response


def forget(response: Response, services: Services) -> Response:
    """Let the browser follow no request any more."""
    _COOKIE.end(response, services.site)
    return response
