"""The owner confirms: with a passkey that it is really them, and what is new before it becomes final by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, Response

from api.web import visitors
from api.web.arguments import Use
from api.web.credentials import Credential
from api.web.pages import go_to, page
from api.web.visitors import SignedIn, Visiting
from domain.safety.objections import Outcome
from domain.safety.provisional import ProvisionalKind
from services.people import passkey_sign_in
from services.safety import confirmations, dispute_answers, waiting_changes

router = APIRouter()

_BACK_TO = ("/account", "/account/email", "/setup/second", "/setup/app")
"""The pages to which somebody who has confirmed can return."""

Back = Annotated[str, Query(alias="back", max_length=100)]


@router.get("/account/confirm")
def ask_passkey(request: Request, person: SignedIn, back: Back = "/account") -> Response:
    """Ask for a passkey, to be sure that it is its owner who wants to change something."""
    return page(request, "person/confirm.html", back=_back(back))


@router.post("/account/confirm")
def confirm_with_passkey(
    services: Use, visit: Visiting, person: SignedIn, credential: Credential, back: Back = "/account"
) -> Response:
    """Raise the session by a fresh ceremony with one of the account's passkeys."""
    admission = passkey_sign_in.sign_in(services, visit, credential.model_dump_json(), only=person.account_id)
    response = JSONResponse({"next": _back(back)})
    visitors.remember(response, services, admission.token)
    return response


@router.post("/account/new/{kind}/{subject_id}/confirm")
def confirm(services: Use, person: SignedIn, kind: ProvisionalKind, subject_id: UUID) -> Response:
    """Make something new final now."""
    confirmations.confirm(services, person, kind, str(subject_id))
    return go_to("/account?done=confirmed")


@router.post("/account/new/{kind}/{subject_id}/reject")
def reject(services: Use, person: SignedIn, kind: ProvisionalKind, subject_id: UUID) -> Response:
    """Remove something new."""
    confirmations.reject(services, person, kind, str(subject_id))
    return go_to("/account?done=rejected")


@router.post("/account/waiting/{change_id}/stop")
def stop_waiting(services: Use, person: SignedIn, change_id: UUID) -> Response:
    """Stop a change that waits."""
    waiting_changes.reject(services, person, str(change_id))
    return go_to("/account?done=stopped")


@router.post("/account/disputes/{objection_id}")
def answer_dispute(
    services: Use, person: SignedIn, objection_id: UUID, outcome: Annotated[Outcome, Form()]
) -> Response:
    """Say of a disputed change whose it was."""
    dispute_answers.answer(services, person, str(objection_id), outcome)
    return go_to("/account?done=answered")


def _back(path: str) -> str:
    return path if path in _BACK_TO else "/account"
