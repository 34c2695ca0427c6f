"""Tells staff why they are stopped: sends them to sign in or to step up, or names the roles that have the right."""

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response

from api.staff.rights import Forbidden, NoStaffSession, StepUpNeeded
from api.web.errors import answer, wants_json
from api.web.explanations import Explanation
from api.web.pages import go_to, page
from api.web.refusals import is_form
from domain.staff.staff import DEEDS, IdentityRejected, roles_with
from services.request_notes import route_of

log = structlog.get_logger()

_REJECTED = {
    "no_role": "Your identity provider knows you, but none of your groups has a role in this console. "
    "Whoever looks after your groups can change that.",
    "access_ended": "Your access to the console has ended. An admin can invite you again.",
    "address_unverified": "Your identity provider does not vouch for an e-mail address of yours.",
    "provider_away": "Your identity provider does not answer. Please try again in a minute.",
    "refused_there": "Your identity provider did not let you in.",
    "not_fresh": "Your identity provider did not ask you anew, so nothing was confirmed. Please try again.",
    "other_member": "You came back as somebody else. Please confirm as the one who is signed in here.",
}


def explain(app: FastAPI) -> None:
    """Give every refusal at the console its page."""
    app.add_exception_handler(NoStaffSession, _to_sign_in)
    app.add_exception_handler(StepUpNeeded, _to_step_up)
    app.add_exception_handler(Forbidden, _forbidden)
    app.add_exception_handler(IdentityRejected, _rejected)


def _to_sign_in(request: Request, error: Exception) -> Response:
    way_on = _with_way_back("/console/sign-in", error)
    if not wants_json(request):
        return go_to(way_on)
    text = "Your session at the console is over. Please sign in again."
    explanation = Explanation(
        status=401, title="You are signed out", text=text, reason="signed_out", way_on=way_on
    )
    return answer(request, explanation)


def _to_step_up(request: Request, error: Exception) -> Response:
    way_on = _with_way_back("/console/step-up", error)
    if not wants_json(request):
        return go_to(way_on)
    text = "This cannot be undone, so please show once more that it is you."
    return answer(
        request,
        Explanation(status=403, title="Is it you?", text=text, reason="step_up", way_on=way_on),
    )


def _forbidden(request: Request, error: Exception) -> Response:
    if not isinstance(error, Forbidden):
        raise error
    roles = [str(role) for role in roles_with(error.right)]
    who = f"{', '.join(roles[:-1])} or {roles[-1]}" if roles[1:] else roles[0]
    if not wants_json(request) and not is_form(request):
        deed = DEEDS[error.right]
        return page(request, "staff/forbidden.html", status=403, staff=error.staff, deed=deed, who=who)
    text = f"To {DEEDS[error.right]}, one has to be {who}. You are {error.staff.role}."
    return answer(
        request,
        Explanation(
            status=403,
            title="Not with your role",
            text=text,
            reason="forbidden",
            way_on="/console",
            way_on_label="Back to the console",
        ),
    )


def _rejected(request: Request, error: Exception) -> Response:
    reason = error.reason if isinstance(error, IdentityRejected) else ""
    log.info("identity_rejected", route=route_of(request.scope), reason=reason)
    text = _REJECTED.get(reason, "What your identity provider said could not be checked. Please try again.")
    return answer(
        request,
        Explanation(
            status=403,
            title="You are not signed in",
            text=text,
            reason=reason,
            way_on="/console/sign-in",
            way_on_label="Back to the sign-in",
        ),
    )


def _with_way_back(path: str, error: Exception) -> str:
    back = error.back if isinstance(error, NoStaffSession) else ""
    return f"{path}?next={quote(back, safe='/')}" if back else path
