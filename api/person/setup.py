"""The guided set-up: one step at a time, in any order, and always with a way out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api.person.steps import APP_CHECK_PAGE, EMAIL_PAGE, next_page, step_page
from api.web import visitors
from api.web.arguments import Use
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.facts import Milestone
from domain.host.sign_on import SignOnAnswer
from domain.policy import SecondRoute
from domain.prompts import HELPED, CannotReason
from services.container import Services
from services.openid import sign_ons
from services.people import email_verification, helping, prompting, standing
from services.people.prompting import NoSkipsLeft
from services.people.standing import PersonStanding
from services.people.visits import Person, Visit
from services.throttling import require_attempts

router = APIRouter()


class Seen(BaseModel):
    """Whether this device can make a passkey."""

    capable: bool


@router.get("/setup")
def go_on(services: Use, person: SignedIn) -> Response:
    """To the step that comes next; while a mailed code can be typed, to its field."""
    step = next_page(_standing(services, person))
    is_mailed = step == EMAIL_PAGE and email_verification.is_expected(services, person)
    return go_to("/setup/email/code" if is_mailed else step)


@router.get("/setup/passkey")
def make_passkey(request: Request, services: Use, person: SignedIn) -> Response:
    """Make a passkey on this device."""
    return step_page(request, services, person, "passkey.html", Milestone.PASSKEY_ENROLLED)


@router.get("/setup/prove")
def try_passkey(request: Request, services: Use, person: SignedIn) -> Response:
    """Sign in with the passkey once."""
    person_standing = _standing(services, person)
    if person_standing.app_stands_in:
        return go_to(APP_CHECK_PAGE)
    if not person_standing.facts.passkeys:
        return go_to("/setup/passkey")
    return step_page(request, services, person, "prove.html", Milestone.PASSKEY_PROVEN)


@router.get("/setup/second")
def choose_second(request: Request, services: Use, person: SignedIn) -> Response:
    """Choose a second way in, among the routes that the policy accepts."""
    person_standing = _standing(services, person)
    accepted = person_standing.policy.second_routes
    offers_codes = SecondRoute.RECOVERY_CODES in accepted
    offers_device = SecondRoute.ANOTHER_PASSKEY in accepted or not offers_codes
    return step_page(
        request,
        services,
        person,
        "second.html",
        Milestone.SECOND_ROUTE_READY,
        offers_codes=offers_codes,
        offers_device=offers_device,
        offers_app=person_standing.offers_app and not person_standing.app_stands_in,
    )


@router.get("/setup/done")
def be_done(request: Request, services: Use, person: SignedIn) -> Response:
    """The last page: what was reached, and what comes next."""
    return page(request, "person/setup/done.html", standing=_standing(services, person))


@router.get("/setup/status")
def tell_status(services: Use, person: SignedIn) -> Response:
    """The state that a waiting page's script asks for again and again."""
    facts = _standing(services, person).facts
    return JSONResponse({"email_verified": facts.email_verified_at is not None, "passkeys": facts.passkeys})


@router.post("/setup/seen", status_code=204, response_class=Response)
def note_seen(services: Use, visit: Visiting, person: SignedIn, seen: Seen) -> None:
    """Note that the prompt was seen, and whether this device can make a passkey."""
    require_attempts(services, ceremonies_per_address=visit.place)
    prompting.note_seen(services, visit, person, capable=seen.capable)


@router.post("/setup/later")
def put_off(services: Use, visit: Visiting, person: SignedIn) -> Response:
    """ "Remind me later": put the prompt off, or ask why if it cannot be put off any more. Leads back to the host."""
    try:
        prompting.put_off(services, visit, person)
    except NoSkipsLeft:
        return go_to("/setup/cannot")
    return _leave(services, visit, SignOnAnswer.LATER)


@router.get("/setup/cannot")
def ask_reason(request: Request, services: Use, person: SignedIn) -> Response:
    """Ask why the person cannot do it now."""
    return page(request, "person/setup/cannot.html", standing=_standing(services, person))


@router.post("/setup/cannot")
def cannot(
    services: Use, visit: Visiting, person: SignedIn, reason: Annotated[CannotReason, Form()]
) -> Response:
    """ "I can't do this now", with the reason. Leads to what helps, or else back to the host."""
    prompting.cannot_now(services, visit, person, reason)
    away = _leave(services, visit, SignOnAnswer.CANNOT)
    return go_to("/setup/help") if reason in HELPED else away


@router.get("/setup/help")
def help_on(request: Request, services: Use, person: SignedIn) -> Response:
    """What helps somebody who cannot do it now, by the reason that they have given last."""
    help_page = helping.read(services, person)
    if help_page is None:
        return go_to("/setup")
    return page(request, "person/setup/help.html", help=help_page, standing=_standing(services, person))


def _leave(services: Services, visit: Visit, answer: SignOnAnswer) -> Response:
    """Back to the host that has sent the person, with their answer, or to the account of whoever came by themselves."""
    if not visit.way_back:
        return go_to("/account")
    sign_ons.note_answer(services, visit, answer)
    return go_to(visitors.BACK)


def _standing(services: Services, person: Person) -> PersonStanding:
    with services.database.reading() as session:
        return standing.read(session, person.account_id, now=services.clock())
