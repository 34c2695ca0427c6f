"""Authenticator apps over HTTP: the secret and its QR code, the first code back, removing, and the way in by a code."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.person.code_forms import TypedCode, code_form, enter_by_form
from api.person.steps import APP_CHECK_PAGE, step_page
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import SignedIn, Visiting
from domain.errors import CodeRejected
from domain.facts import Milestone
from services.people import app_sign_in, authenticator_apps, standing

router = APIRouter()

_PAGE = "/setup/app"

Code = Annotated[str, Form(max_length=64)]


@router.get("/sign-in/app")
def ask_code(request: Request, services: Use, visit: Visiting) -> Response:
    """The fields for a contact and the code that the app shows."""
    return code_form(request, services, visit, "person/sign_in_app.html")


@router.post("/sign-in/app")
def sign_in(request: Request, services: Use, visit: Visiting, form: TypedCode) -> Response:
    """Sign in by the app's code; an unknown contact and a wrong code get the same answer."""
    enter_by = partial(app_sign_in.sign_in, services, visit)
    return enter_by_form(request, services, form, enter_by)


@router.post("/setup/app")
def begin(services: Use, person: SignedIn) -> Response:
    """Make a secret; the next page shows it, and may be reloaded while it can be set up."""
    authenticator_apps.begin(services, person)
    return go_to(_PAGE)


@router.get("/setup/app")
def show(request: Request, services: Use, person: SignedIn) -> Response:
    """The secret as a QR code, a link and letters, and the field for the first code. Without one, to the choice."""
    secret = authenticator_apps.shown(services, person)
    if secret is None:
        return go_to("/setup/second")
    with services.database.reading() as session:
        person_standing = standing.read(session, person.account_id, now=services.clock())
    step = Milestone.PASSKEY_ENROLLED if person_standing.takes_app_instead else Milestone.SECOND_ROUTE_READY
    return step_page(request, services, person, "app.html", step, secret=secret, error=None)


@router.post("/setup/app/first-code")
def set_up(services: Use, person: SignedIn, code: Code = "") -> Response:
    """Make the app a way in by the first code that it shows."""
    try:
        authenticator_apps.set_up(services, person, code)
    except CodeRejected:
        return remarks.back_to(services, _PAGE, session_id=person.session_id, status=400, error="code")
    return go_to("/setup")


@router.get("/setup/app/check")
def ask_again(request: Request, services: Use, person: SignedIn) -> Response:
    """The field for a code of an app that is set up, to see on another day that it works."""
    return step_page(request, services, person, "app_check.html", Milestone.PASSKEY_PROVEN, error=None)


@router.post("/setup/app/check")
def check(services: Use, person: SignedIn, code: Code = "") -> Response:
    """Take the code."""
    try:
        authenticator_apps.check(services, person, code)
    except CodeRejected:
        return remarks.back_to(
            services, APP_CHECK_PAGE, session_id=person.session_id, status=400, error="code"
        )
    return go_to("/setup")


@router.post("/account/apps/{app_id}/remove")
def remove(services: Use, person: SignedIn, app_id: UUID) -> Response:
    """Remove an app, now or after a cooling-off, unless it is the last way in."""
    waits_until = authenticator_apps.remove(services, person, str(app_id))
    return go_to("/account?done=waits" if waits_until else "/account?done=app_removed")
