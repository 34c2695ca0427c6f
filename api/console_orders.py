"""Takes operators' orders to a rollout; whoever is refused reads why, and finds what they typed."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.console import cohort_page
from api.durations import parse_duration
from api.operators import AnOperator
from api.pages import go_to
from api.services import NobodyThere, Use
from domain.errors import Refused
from domain.rollout import Command, Order
from store import cohorts

router = APIRouter(prefix="/console/cohorts")


@router.post("/{cohort_id}/orders/{command}")
def give_order(
    request: Request,
    services: Use,
    operator: AnOperator,
    cohort_id: str,
    command: Command,
    seen: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
    extend_by: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Give the rollout a command, as somebody who has seen it at a version."""
    with services.database.reading() as session:
        name = cohorts.get(session, cohort_id).name
    try:
        order = Order(
            command=command,
            by=operator.name,
            reason=reason.strip(),
            seen=seen,
            extend_by=_longer(command, extend_by),
        )
        services.rollouts.give(name, order)
    except ValueError as error:
        status, problem = 400, f"The length of time {error}."
    except Refused as refusal:
        status, problem = 409, _sentence(str(refusal))
    except NobodyThere as nobody:
        status, problem = 503, str(nobody)
    else:
        return go_to(f"/console/cohorts/{cohort_id}")
    attempt = {"command": command.value, "reason": reason, "extend_by": extend_by}
    return cohort_page(
        request, services, operator, cohort_id, status=status, problem=problem, attempt=attempt
    )


def _longer(command: Command, extend_by: str) -> timedelta | None:
    return parse_duration(extend_by) if command is Command.EXTEND else None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
