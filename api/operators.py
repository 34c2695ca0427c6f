"""Who works in the console. Until staff can sign in, that is whoever sits at this machine, in development only."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, HTTPException, Request
from fastapi.responses import Response

from api.loopback import is_on_loopback
from api.services import Site, Use

NAMELESS = "console"
"""Who is written down until somebody says their name."""

_COOKIE = "offramp-operator"
_LONGEST_NAME = 60
_A_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody at the console; `name` goes into the log of what they do."""

    name: str = NAMELESS
    is_named: bool = False


def _operator(request: Request, services: Use) -> Operator:
    if not services.is_development or not is_on_loopback(request, services.site):
        raise HTTPException(404)
    name = clean_name(unquote(request.cookies.get(_COOKIE, "")))
    return Operator(name=name, is_named=True) if name else Operator()


AnOperator = Annotated[Operator, Depends(_operator)]
"""The operator, as an argument of a route that does not exist for anybody else."""


def clean_name(name: str) -> str:
    """A name on one line, fit to be shown; empty if nothing is left of it."""
    shown = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(shown.split())[:_LONGEST_NAME]


def remember(response: Response, name: str, site: Site) -> None:
    """Keep an operator's name in their browser."""
    response.set_cookie(
        _COOKIE,
        quote(clean_name(name)),
        max_age=_A_YEAR,
        path="/console",
        secure=site.secure,
        httponly=True,
        samesite="strict",
    )
