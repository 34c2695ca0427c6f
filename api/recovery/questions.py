"""What somebody who signs in meanwhile is asked: was it you who wants to get back in?"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from api.web.visitors import SignedIn, Visiting, way_on
from domain.words import recovery_words
from services.recovery import answers

router = APIRouter()

_PAGE = "/account/recovery"


@router.get("/account/recovery")
def ask(request: Request, services: Use, visit: Visiting, person: SignedIn) -> Response:
    """The question, or what has become of it."""
    questions = answers.ask(services, person)
    return remarks.page(
        request,
        "person/recovery/question.html",
        session_id=person.session_id,
        questions=questions,
        words=recovery_words,
        done=None,
        way_on=way_on(visit),
    )


@router.post("/account/recovery/{number}/stop")
def stop(services: Use, person: SignedIn, number: int) -> Response:
    """Somebody else has asked."""
    answers.stop(services, person, number)
    return remarks.back_to(services, _PAGE, session_id=person.session_id, done="stopped")


@router.post("/account/recovery/{number}/hasten")
def hasten(services: Use, person: SignedIn, number: int) -> Response:
    """It was me, and I am in: let it open now."""
    answers.hasten(services, person, number)
    return remarks.back_to(services, _PAGE, session_id=person.session_id, done="hastened")


@router.post("/account/recovery/leave")
def leave(visit: Visiting, person: SignedIn) -> Response:
    """It was me: let it go on as it is."""
    return go_to(way_on(visit))
