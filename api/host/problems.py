"""Refusals of a host's requests as problem details (RFC 9457)."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from api.host.callers import NoHostKey, ScopeMissing
from api.host.events import TooManyEvents
from api.host.named_requests import LONGEST_NAME, BadRequestName
from api.web.problems import problem
from domain.host.keys import SCOPE_DEEDS
from domain.host.words import MOST_AT_ONCE, BadEvent
from domain.prompts import ANSWERABLE_FOR
from providers.cloud_events import NoCloudEvents
from providers.scim_users import BadScim
from services.host.accounts import ContactStays
from services.host.named_requests import NameTaken, UnderWay
from services.host.prompts import PromptOver
from services.imports.account_records import BadRow
from services.people.prompting import NoSkipsLeft
from services.recovery.proofs import NothingAsked


def explain(app: FastAPI) -> None:
    """Give every refusal its problem."""
    app.add_exception_handler(NoHostKey, _no_key)
    app.add_exception_handler(ScopeMissing, _scope_missing)
    app.add_exception_handler(BadRequestName, _bad_name)
    app.add_exception_handler(NameTaken, _name_taken)
    app.add_exception_handler(UnderWay, _under_way)
    app.add_exception_handler(BadRow, _bad_account)
    app.add_exception_handler(ContactStays, _contact_stays)
    app.add_exception_handler(BadScim, _bad_scim)
    app.add_exception_handler(NoCloudEvents, _no_events)
    app.add_exception_handler(BadEvent, _bad_event)
    app.add_exception_handler(TooManyEvents, _too_many_events)
    app.add_exception_handler(NoSkipsLeft, _no_skips_left)
    app.add_exception_handler(PromptOver, _prompt_over)
    app.add_exception_handler(NothingAsked, _nothing_asked)


def _no_key(request: Request, _error: Exception) -> Response:
    is_brought = "authorization" in request.headers
    text = "The key is unknown, ended or expired." if is_brought else "Please bring a key."
    return problem(401, text, "no_key", {"WWW-Authenticate": "Bearer"})


def _scope_missing(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ScopeMissing):
        raise error
    text = f"This key may not {SCOPE_DEEDS[error.scope]}: that takes the scope {error.scope}."
    return problem(403, text, "scope_missing")


def _bad_name(_request: Request, _error: Exception) -> Response:
    text = f"An Idempotency-Key has from 1 to {LONGEST_NAME} characters."
    return problem(400, text, "bad_idempotency_key")


def _name_taken(_request: Request, _error: Exception) -> Response:
    text = "Another request had this Idempotency-Key. Nothing was done."
    return problem(422, text, "idempotency_key_taken")


def _under_way(_request: Request, _error: Exception) -> Response:
    text = "The same request is under way. Ask again in a moment; nothing is done twice."
    return problem(409, text, "under_way", {"Retry-After": "1"})


def _bad_account(_request: Request, error: Exception) -> Response:
    return problem(422, f"{error}.", "bad_account")


def _contact_stays(_request: Request, error: Exception) -> Response:
    return problem(409, f"{error}.", "contact_stays")


def _bad_scim(_request: Request, error: Exception) -> Response:
    if not isinstance(error, BadScim):
        raise error
    return problem(error.status, f"{error}.", error.kind or "not_done_here")


def _no_events(_request: Request, error: Exception) -> Response:
    return problem(422, f"These are no CloudEvents: {error}.", "no_cloud_events")


def _bad_event(_request: Request, error: Exception) -> Response:
    return problem(422, f"The event was not taken. {error}.", "bad_event")


def _too_many_events(_request: Request, _error: Exception) -> Response:
    return problem(422, f"A batch has {MOST_AT_ONCE} events at most. None was taken.", "too_many_events")


def _no_skips_left(_request: Request, _error: Exception) -> Response:
    text = "This prompt could not be put off. The person can still say that they cannot do it now."
    return problem(409, text, "no_skips_left")


def _nothing_asked(_request: Request, error: Exception) -> Response:
    return problem(409, f"{error}.".capitalize(), "recovery_over")


def _prompt_over(_request: Request, _error: Exception) -> Response:
    text = f"This prompt was asked for more than {ANSWERABLE_FOR.days} days ago. Its answer says nothing any more."
    return problem(409, text, "prompt_over")
