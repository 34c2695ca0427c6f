"""A link by e-mail over HTTP, for people who may type no more codes at the moment because somebody typed wrong ones."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.web import remarks, visitors
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.regions import BrowserRegion
from api.web.visitors import Visiting
from domain.errors import BadContact
from services.people import browser_links
from services.people.contacts import read_contact

router = APIRouter()


@router.get("/sign-in/link")
def open_link(request: Request, services: Use, visit: Visiting, token: str = "") -> Response:
    """The form that asks for a link; by a link, the button that opens codes, because mail scanners open links too."""
    if not token:
        return remarks.page(request, "person/sign_in_link.html", error=None, typed="")
    browser_links.look(services, visit, token)
    return visitors.at_door(page(request, "person/sign_in_link_open.html", token=token), services, visit)


@router.post("/sign-in/link")
def send_link(
    services: Use,
    visit: Visiting,
    region: BrowserRegion,
    identifier: Annotated[str, Form(max_length=320)] = "",
) -> Response:
    """Send a link. For an unknown contact the answer is the same."""
    try:
        browser_links.ask(services, visit, read_contact(identifier.strip(), region))
    except BadContact:
        return remarks.back_to(services, "/sign-in/link", status=400, error="contact", typed=identifier)
    return go_to("/sign-in/link/sent")


@router.get("/sign-in/link/sent")
def say_sent(request: Request) -> Response:
    """Where to look for the link."""
    return page(request, "person/sign_in_link_sent.html")


@router.post("/sign-in/link/open")
def let_in_codes(services: Use, visit: Visiting, token: Annotated[str, Form()] = "") -> Response:
    """Let codes be typed in this browser again, whatever others have typed elsewhere."""
    browser_token = browser_links.use(services, visit, token)
    response = go_to("/sign-in")
    visitors.know(response, services, browser_token)
    return response
