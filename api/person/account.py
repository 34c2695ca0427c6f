"""The account page, and what its owner can switch there."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.person import account_view
from api.web import visitors
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn
from domain.facts import Channel
from services.people import account_switches
from store.messages import reminders

router = APIRouter()

Done = Literal[
    "restored",
    "reminders",
    "confirmed",
    "rejected",
    "stopped",
    "answered",
    "removed",
    "app_removed",
    "waits",
    "email",
    "held",
    "found",
]
"""What was done last, for the page to say so."""


@router.get("/account")
def show(request: Request, services: Use, person: SignedIn, done: Done | None = None) -> Response:
    """The page: the ways into the account, what is on and off, and what was done last."""
    return page(request, "person/account.html", account=account_view.view(services, person), done=done)


@router.post("/account/sms/restore")
def restore_sms(services: Use, person: SignedIn) -> Response:
    """Switch text-message codes on again, at once; refused when they were removed for good."""
    account_switches.restore_sms(services, person)
    return go_to("/account?done=restored")


@router.post("/account/reminders/{channel}")
def resume_reminders(services: Use, person: SignedIn, channel: Channel) -> Response:
    """Send reminders by a channel again, after the person had ended them."""
    with services.database.transaction() as session:
        reminders.resume(session, person.account_id, channel, at=services.clock())
    return go_to("/account?done=reminders")


@router.post("/account/sign-out-everywhere")
def sign_out_everywhere(services: Use, person: SignedIn) -> Response:
    """End all of the account's sessions, this one too."""
    account_switches.sign_out_everywhere(services, person)
    response = go_to("/sign-in")
    visitors.forget(response, services)
    return response
