"""Tells people what was refused and what to do instead: a calm page, or JSON for the pages' own scripts."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.web import ceremony_words
from api.web.pages import go_to, page
from api.web.security import headers_for
from api.web.visitors import NotSignedIn, OnlyThisDevice
from domain.errors import (
    CeremonyRejected,
    CodeRejected,
    GuessedTooOften,
    LastRoute,
    LinkRejected,
    NotSafeYet,
    ObjectionNotFromHere,
    Refused,
    SmsSwitchedOff,
    Throttled,
    TooLateToObject,
    Unknown,
)
from domain.staff.staff import AlreadyStaff, LastAdmin
from domain.trust import NotTrusted, Why
from domain.words.change_words import WHY
from services.container import Services
from services.request_notes import route_of

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a person reads when something was refused; `reason` is for the page's script.

    `is_calm`: nothing went wrong, so the page's script says it like any notice, with the way on as the main button.
    """

    status: int
    title: str
    text: str
    reason: str = ""
    way_on: str = "/"
    way_on_label: str = "Go on"
    is_calm: bool = False


_DOORS = ("/sign-in", "/rescue")
_LONG_CODE_DOORS = ("/sign-in/recovery", "/rescue")

_LOST = Explanation(
    status=404,
    title="There is nothing here",
    text="This page does not exist, or it is no longer there.",
    way_on_label="Go to the start",
)
_MALFORMED = Explanation(
    status=400,
    title="That could not be read",
    text="Something was missing or not as we expected it. Nothing was changed. Please go back and try again.",
)
_BROKEN = Explanation(
    status=500,
    title="Something broke on our side",
    text="It is not your fault, and nothing you had is lost. Please try again in a minute.",
)
_EXPLANATIONS: dict[type[Refused], Explanation] = {
    Unknown: _LOST,
    LastRoute: Explanation(
        status=409,
        title="This is your last way in",
        text=(
            "If you removed it, you could no longer sign in. Add another device or make recovery codes first; "
            "then you can remove this one."
        ),
        way_on="/account",
        way_on_label="Back to your account",
    ),
    CodeRejected: Explanation(
        status=400,
        title="That code did not work",
        text="It may be mistyped, too old, or already used. You can ask for a new one.",
    ),
    LinkRejected: Explanation(
        status=410,
        title="This link no longer works",
        text=(
            "Links work once, and for a limited time only. If you have used it already, all is well. "
            "Otherwise please ask for a new one where you got this one."
        ),
        way_on_label="Go to the start",
    ),
    TooLateToObject: Explanation(
        status=410,
        title="This was a while ago",
        text=(
            "This link stops changes of the last 30 days, and this one is older. If it was not you, please turn to our "
            "support and tell them that your account was changed without you: they can stop it too."
        ),
        way_on="/account",
        way_on_label="See my account",
    ),
    LastAdmin: Explanation(
        status=409,
        title="This is the last admin",
        text="Without an admin nobody could let anybody in. Make somebody else an admin first.",
        way_on="/console/staff",
        way_on_label="Back to the staff",
    ),
    AlreadyStaff: Explanation(
        status=409,
        title="They are a member already",
        text="Somebody of that address works here. Nothing was changed.",
        way_on="/console/staff",
        way_on_label="Back to the staff",
    ),
    ObjectionNotFromHere: Explanation(
        status=403,
        title="Please sign in first",
        text=(
            "This message went to a contact that is itself new, so its link alone cannot stop anything. Sign in with "
            "your passkey, and stop the change on your account page; or turn to our support."
        ),
        way_on="/account",
        way_on_label="See my account",
    ),
    CeremonyRejected: Explanation(
        status=400,
        title="That did not work",
        text="We could not check this passkey. Nothing was changed. Please try once more.",
    ),
    NotSafeYet: Explanation(
        status=409,
        title="Not yet",
        text="A step is still missing before this can be done safely.",
    ),
    Refused: Explanation(
        status=409,
        title="This cannot be done now",
        text="Nothing was changed.",
    ),
}


def explain(app: FastAPI) -> None:
    """Give every refusal its page."""
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(OnlyThisDevice, _only_this_device)
    app.add_exception_handler(SmsSwitchedOff, _sms_switched_off)
    app.add_exception_handler(Throttled, _throttled)
    app.add_exception_handler(NotTrusted, _not_trusted)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


def answer(request: Request, explanation: Explanation, headers: dict[str, str] | None = None) -> Response:
    """The explanation, as the browser wants it."""
    if wants_json(request):
        error: dict[str, Any] = {
            "title": explanation.title,
            "text": explanation.text,
            "reason": explanation.reason,
            "next": explanation.way_on,
        }
        if explanation.is_calm:
            error |= {"calm": True} | _label_of(explanation)
        return JSONResponse({"error": error}, status_code=explanation.status, headers=headers)
    return page(
        request, "web/error.html", status=explanation.status, headers=headers, explanation=explanation
    )


def _label_of(explanation: Explanation) -> dict[str, str]:
    """The label of the way on, where there is one beside the page itself."""
    return {"label": explanation.way_on_label} if explanation.way_on != "/" else {}


def wants_json(request: Request) -> bool:
    """Whether a page's script sent the request, and not a person."""
    return "application/json" in request.headers.get("accept", "")


def _refused(request: Request, error: Exception) -> Response:
    kind = next(kind for kind in type(error).__mro__ if kind in _EXPLANATIONS)
    explanation = _EXPLANATIONS[kind]
    reason = error.reason if isinstance(error, CeremonyRejected) else kind.__name__
    log.info("refused", route=route_of(request.scope), error=kind.__name__, reason=reason)
    if isinstance(error, CeremonyRejected):
        explanation = replace(explanation, **ceremony_words.words(reason))
    return answer(request, explanation)


def _to_sign_in(request: Request, _error: Exception) -> Response:
    if not wants_json(request):
        return go_to("/sign-in")
    return answer(
        request,
        Explanation(
            status=401,
            title="You are signed out",
            text="For your safety you were signed out after a while. Please sign in again.",
            way_on="/sign-in",
        ),
    )


def _only_this_device(request: Request, _error: Exception) -> Response:
    return answer(
        request,
        Explanation(
            status=403,
            title="This link only adds this device",
            text="To see your account here, first finish adding this device, then sign in with it.",
            way_on="/device/passkey",
            way_on_label="Add this device",
        ),
    )


def _sms_switched_off(request: Request, error: Exception) -> Response:
    for_good = isinstance(error, SmsSwitchedOff) and error.for_good
    return page(request, "person/sms_off.html", status=403, for_good=for_good)


def _not_trusted(request: Request, error: Exception) -> Response:
    """What a session may not change, in calm words with the way on."""
    why = error.why if isinstance(error, NotTrusted) else Why.NEEDS_STEP_UP
    log.info("refused", route=route_of(request.scope), error="NotTrusted", reason=why)
    if why in (Why.ENROLS_ONLY, Why.LINK_USED_UP):
        way_on, label = "/sign-in", "Sign in"
    elif why is Why.NEEDS_STEP_UP:
        way_on, label = "/account/confirm", "Confirm with your passkey"
    else:
        way_on, label = "/account", "Back to your account"
    title = "Please confirm that it is you" if why is Why.NEEDS_STEP_UP else "Not from here"
    explanation = Explanation(
        status=403,
        title=title,
        text=WHY[why],
        reason=why,
        way_on=way_on,
        way_on_label=label,
        is_calm=why is Why.LINK_USED_UP,
    )
    return answer(request, explanation)


def _throttled(request: Request, error: Exception) -> Response:
    seconds = error.retry_after if isinstance(error, Throttled) else 60
    log.info("throttled", route=route_of(request.scope), retry_after=seconds)
    headers = {"Retry-After": str(seconds)} if seconds else {}
    if request.url.path.startswith(_DOORS) and not wants_json(request):
        return page(request, "person/throttled.html", status=429, headers=headers, **_break(request, error))
    wait = _wait(seconds)
    explanation = Explanation(
        status=429,
        title="Please take a short break",
        text=f"There were many attempts in a short time. For your safety, please wait {wait} and try again.",
        way_on="/sign-in",
        way_on_label="Other ways to sign in",
    )
    return answer(request, explanation, headers)


def _break(request: Request, error: Exception) -> dict[str, Any]:
    """What the page says of a break at the door: the same for somebody as for nobody."""
    return {
        "wait": _wait(error.retry_after if isinstance(error, Throttled) else 60),
        "is_by_guesses": isinstance(error, GuessedTooOften),
        "needs_other_way": isinstance(error, GuessedTooOften) and error.needs_other_way,
        "is_at_codes": not request.url.path.startswith(_LONG_CODE_DOORS),
    }


def _wait(seconds: int) -> str:
    """How long to wait, in words: minutes up to two hours, then hours, then days."""
    for unit, name in ((24 * 3600, "days"), (3600, "hours")):
        if seconds > 2 * unit:
            return f"{-(-seconds // unit)} {name}"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"


def _malformed(request: Request, error: Exception) -> Response:
    """An id of a wrong form in the path means 404; any other malformed input means 400."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    in_path = any(problem["loc"][0] == "path" for problem in problems)
    log.info(
        "malformed", route=route_of(request.scope), fields=[str(problem["loc"][-1]) for problem in problems]
    )
    return answer(request, _LOST if in_path else _MALFORMED)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.NOT_FOUND:
        return answer(request, _LOST)
    allowed = getattr(error, "headers", None)
    text = "Nothing was changed. Please go back and try again."
    return answer(request, Explanation(status=status, title="That cannot be done here", text=text), allowed)


def _broken(request: Request, error: Exception) -> Response:
    """The page for our own mistakes. It bypasses the middleware, so it sets the security headers itself."""
    services: Services = request.app.state.services
    log.error("request_failed", route=route_of(request.scope), error=type(error).__name__, exc_info=error)
    return answer(request, _BROKEN, headers_for(services.site) | {"cache-control": "no-store"})
