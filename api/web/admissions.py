"""Sends a browser to the next page after an admission, with its new session."""

from fastapi.responses import RedirectResponse

from api.web import visitors
from api.web.pages import go_to
from services.container import Services
from services.people.admission import Admission, Destination

_PAGES = {
    Destination.SET_UP: "/setup",
    Destination.ACCOUNT: "/account",
    Destination.SAY_WHY: "/sign-in/why",
    Destination.ASK_FOR_LOSS: "/sign-in/lost",
    Destination.ASK_ABOUT_RECOVERY: "/account/recovery",
    Destination.BY_SIGN_ON: visitors.GO_ON,
    Destination.MAKE_PASSKEY: "/setup/passkey",
    Destination.MAKE_ONLY_PASSKEY: "/device/passkey",
}


def page_of(admission: Admission) -> str:
    """The path of the next page."""
    return _PAGES[admission.destination]


def enter(services: Services, admission: Admission) -> RedirectResponse:
    """Send the browser on with its new session."""
    response = go_to(page_of(admission))
    visitors.admit(response, services, admission)
    return response
