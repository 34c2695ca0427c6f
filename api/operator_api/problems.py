"""Refusals of operators' orders as problem details (RFC 9457)."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from api.operator_api.orders import OrderRefused
from api.web.problems import problem
from domain.rollouts.cohorts import InvalidCohort
from domain.words.console_words import nobody_there
from services.container import NobodyThere


def explain(app: FastAPI) -> None:
    """Give every refusal its problem."""
    app.add_exception_handler(OrderRefused, _refused)
    app.add_exception_handler(InvalidCohort, _badly_described)
    app.add_exception_handler(NobodyThere, _nobody_there)


def _refused(_request: Request, error: Exception) -> Response:
    return problem(409, str(error), "not_allowed_now")


def _badly_described(_request: Request, error: Exception) -> Response:
    problems = error.problems if isinstance(error, InvalidCohort) else []
    mistakes = "; ".join(f"{place}: {mistake}" for place, mistake in problems)
    return problem(422, f"This describes no cohort. {mistakes}", "bad_description")


def _nobody_there(_request: Request, error: Exception) -> Response:
    is_taken = isinstance(error, NobodyThere) and error.is_taken
    return problem(503, nobody_there(is_taken=is_taken), "no_answer", {"Retry-After": "10"})
