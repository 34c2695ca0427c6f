"""Ends reminders with one click: on the page of an e-mail's link, or by the mail program itself (RFC 8058).

The token in the link is the authority, so nobody has to sign in. The token can do nothing else.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web.arguments import Use
from api.web.pages import go_to, page
from domain.errors import LinkRejected
from domain.messages.links import read_stop_token
from services.container import Services
from store.messages import messages, reminders

router = APIRouter()

ONE_CLICK = "one_click"


@router.get("/no-reminders/{token}")
def ask(request: Request, services: Use, token: str) -> Response:
    """A button: opening the link is not enough, because mail scanners open links too."""
    _require_message(services, read_stop_token(services.seal, token))
    return page(request, "person/no_reminders.html", token=token)


@router.post("/no-reminders/{token}")
def stop(request: Request, services: Use, token: str) -> Response:
    """Send no more reminders to the address of that e-mail. A repeated click changes nothing.

    A browser, which names its origin, is redirected, so that going back sends nothing again. A mail program may not
    follow a redirect (RFC 8058, 3.1).
    """
    key = read_stop_token(services.seal, token)
    with services.database.transaction() as session:
        reminders.stop(session, key, reason=ONE_CLICK, at=services.clock())
    return go_to("/no-reminders") if "origin" in request.headers else _stopped(request)


@router.get("/no-reminders")
def say_stopped(request: Request) -> Response:
    """What was ended, and how to take it back."""
    return _stopped(request)


def _stopped(request: Request) -> Response:
    return page(request, "person/no_more_reminders.html")


def _require_message(services: Services, key: str) -> None:
    with services.database.reading() as session:
        if messages.find(session, key) is None:
            raise LinkRejected("the message of this link is not there")
