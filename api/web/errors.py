"""Tells people what was refused and what to do instead: a calm page, or JSON for the pages' own scripts."""

from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.web import ceremony_words, problems
from api.web.explanations import AWAY, BROKEN, EXPLANATIONS, LOST, MALFORMED, OVERTAKEN, Explanation
from api.web.pages import go_to
from api.web.refusals import refuse
from api.web.remarks import TooMuchToSay
from api.web.security import headers_for
from api.web.visitors import NotSignedIn, OnlyThisDevice
from domain.errors import CeremonyRejected, GuessedTooOften, Refused, SmsSwitchedOff, Throttled
from domain.trust import NotTrusted, Why
from domain.words import moments
from domain.words.change_words import WHY
from services.container import Services
from services.request_notes import route_of
from store.engine.absences import DatabaseAway
from store.engine.database import CLASH, is_taken

log = structlog.get_logger()


_DOORS = ("/sign-in", "/rescue", "/recover")
_LONG_CODE_DOORS = ("/sign-in/recovery", "/rescue", "/recover/code")
_OF_PROVIDERS = "/callbacks/"
_TITLES = {
    Why.NEEDS_STEP_UP: "Please confirm that it is you",
    Why.UNDER_GUARD: "Not in these days",
    Why.NEEDS_SECOND_PROOF: "Not in these days",
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
    app.add_exception_handler(TooMuchToSay, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(CLASH, _overtaken)
    app.add_exception_handler(DatabaseAway, _away)
    app.add_exception_handler(Exception, _broken)


def answer(request: Request, explanation: Explanation, headers: dict[str, str] | None = None) -> Response:
    """The explanation, as the browser wants it; a problem below `/v1`."""
    if problems.is_below_keys(request.scope):
        reason = explanation.reason or problems.NO_SUCH_ROUTE
        return problems.problem(explanation.status, explanation.text, reason, headers)
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
    return refuse(
        request,
        "web/error.html",
        status=explanation.status,
        headers=headers,
        explanation=asdict(explanation),
    )


def _label_of(explanation: Explanation) -> dict[str, str]:
    """The label of the way on, where there is one beside the page itself."""
    return {"label": explanation.way_on_label} if explanation.way_on != "/" else {}


def wants_json(request: Request) -> bool:
    """Whether a page's script sent the request, and not a person."""
    return "application/json" in request.headers.get("accept", "")


def _refused(request: Request, error: Exception) -> Response:
    kind = next(kind for kind in type(error).__mro__ if kind in EXPLANATIONS)
    explanation = EXPLANATIONS[kind]
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
            title="First set up this device",
            text="To see your account here, first finish adding this device, then sign in with it.",
            way_on="/device/passkey",
            way_on_label="Add this device",
        ),
    )


def _sms_switched_off(request: Request, error: Exception) -> Response:
    for_good = isinstance(error, SmsSwitchedOff) and error.for_good
    return refuse(request, "person/sms_off.html", status=403, for_good=for_good)


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
    title = _TITLES.get(why, "Not from here")
    until = error.until if isinstance(error, NotTrusted) else None
    explanation = Explanation(
        status=403,
        title=title,
        text=WHY[why]
        + (f" It can be done again from {moments.moment(until, None)}, or sooner." if until else ""),
        reason=why,
        way_on=way_on,
        way_on_label=label,
        is_calm=why in (Why.LINK_USED_UP, Why.UNDER_GUARD),
    )
    return answer(request, explanation)


def _throttled(request: Request, error: Exception) -> Response:
    seconds = error.retry_after if isinstance(error, Throttled) else 60
    log.info("throttled", route=route_of(request.scope), retry_after=seconds)
    headers = {"Retry-After": str(seconds)} if seconds else {}
    if request.url.path.startswith(_DOORS) and not wants_json(request):
        return refuse(request, "person/throttled.html", status=429, headers=headers, **_break(request, error))
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
    mistakes = error.errors() if isinstance(error, RequestValidationError) else []
    in_path = any(mistake["loc"][0] == "path" for mistake in mistakes)
    log.info(
        "malformed", route=route_of(request.scope), fields=[str(mistake["loc"][-1]) for mistake in mistakes]
    )
    return answer(request, LOST if in_path else MALFORMED)


def _overtaken(request: Request, error: Exception) -> Response:
    """Two requests at once, of which the database took one."""
    if not is_taken(error):
        raise error
    log.info("overtaken", route=route_of(request.scope))
    return answer(request, OVERTAKEN)


def _away(request: Request, _error: Exception) -> Response:
    """The database cannot be used now, which the process logs once. The way on is the page that was asked for."""
    if request.url.path.startswith(_OF_PROVIDERS):
        return Response(status_code=503, headers=problems.COME_AGAIN)
    return answer(request, replace(AWAY, way_on=_same_again(request)), problems.COME_AGAIN)


def _same_again(request: Request) -> str:
    """The address of the page that was asked for; the start, if the request was no page."""
    if request.method not in ("GET", "HEAD"):
        return "/console" if request.url.path.startswith("/console") else "/"
    path = "/" + request.url.path.lstrip("/\\")  # two slashes would lead to another site
    return f"{path}?{request.url.query}" if request.url.query else path


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.NOT_FOUND:
        return answer(request, LOST)
    allowed = getattr(error, "headers", None)
    text = "Nothing was changed. Please go back and try again."
    return answer(request, Explanation(status=status, title="That cannot be done here", text=text), allowed)


def _broken(request: Request, error: Exception) -> Response:
    """The page for our own mistakes. It bypasses the middleware, so it sets the security headers itself."""
    services: Services = request.app.state.services
    log.error("request_failed", route=route_of(request.scope), error=type(error).__name__, exc_info=error)
    return answer(request, BROKEN, headers_for(services.site) | {"cache-control": "no-store"})
