"""The development inbox as a page: every message that would have been sent. On loopback only."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from api.web.arguments import Use
from api.web.loopback import is_on_loopback
from api.web.pages import page
from providers.inbox import Inbox

_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-top-navigation-by-user-activation"
)


def _inbox(request: Request, services: Use) -> Inbox:
    if services.inbox is None or not is_on_loopback(request, services.site):
        raise HTTPException(404)
    return services.inbox


DevelopmentInbox = Annotated[Inbox, Depends(_inbox)]

router = APIRouter(prefix="/dev/inbox")


@router.get("")
def show(request: Request, inbox: DevelopmentInbox) -> Response:
    """The messages, newest first."""
    return page(request, "inbox.html", items=inbox.latest())


@router.get("/letter")
def show_letter(inbox: DevelopmentInbox, key: str = "") -> Response:
    """One e-mail as a mail program would show it. Its policy lets it run no script and load nothing from elsewhere."""
    letter = next((item for item in inbox.latest() if item.key == key and item.html), None)
    if letter is None:
        raise HTTPException(404)
    return HTMLResponse(letter.html, headers={"content-security-policy": _LETTER_POLICY})
