"""The page of a refusal. A form is sent on to it, so that a reload shows the page or the start, and repeats nothing."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web import remarks
from api.web.pages import go_to, page
from services.container import Services

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_OF_PROGRAMS = ("/callbacks/", "/no-reminders/", "/oidc/")
"""Paths to which programs post as forms do. Programs want the answer itself."""

_STARTS = {"/refused": "/", "/console/refused": "/console"}

router = APIRouter()


@router.get("/refused")
@router.get("/console/refused")
def show(request: Request) -> Response:
    """What was refused; once that was said, the way to the start."""
    remark = remarks.read(request)
    if remark is None:
        return go_to(_STARTS[request.url.path])
    return remarks.page(request, remark.values["template_name"])


def refuse(
    request: Request, template: str, *, status: int, headers: dict[str, str] | None = None, **values: Any
) -> Response:
    """The page of a refusal, as the answer or after a redirect. What broke on our side is worth a reload."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not is_form(request):
        return page(request, template, status=status, headers=headers, **values)
    services: Services = request.app.state.services
    path = "/console/refused" if request.url.path.startswith("/console") else "/refused"
    return remarks.back_to(services, path, status=status, headers=headers, template_name=template, **values)


def is_form(request: Request) -> bool:
    """Whether the request is a form of a page of ours, sent by a person."""
    kind = request.headers.get("content-type", _FORMS[0]).partition(";")[0].strip().lower()
    is_ours = "route" in request.scope and not request.url.path.startswith(_OF_PROGRAMS)
    return request.method == "POST" and kind in _FORMS and is_ours
