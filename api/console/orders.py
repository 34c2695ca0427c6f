"""Takes operators' orders to a rollout; whoever is refused reads why, and finds what they typed."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.console.cohorts import cohort_page
from api.staff.rights import RunsRollouts, Staff, require_step_up
from api.staff.visits import AtConsole
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from domain.rollouts.rollout import Command, Order
from domain.staff.staff import AuditKind
from services.container import NobodyThere, Services
from services.rollouts.durations import parse_duration
from store.rollouts import cohorts
from store.staff import audit

_NOT_UNDONE = (Command.ABORT, Command.ROLLBACK)

router = APIRouter(prefix="/console/cohorts")


@router.post("/{cohort_id}/orders/{command}")
def give_order(
    request: Request,
    services: Use,
    visit: AtConsole,
    staff: RunsRollouts,
    cohort_id: str,
    command: Command,
    seen: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
    extend_by: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Give the rollout a command, as somebody who has seen it at a version."""
    if command in _NOT_UNDONE:
        require_step_up(services, visit, staff)
    with services.database.reading() as session:
        name = cohorts.get(session, cohort_id).name
    try:
        order = Order(
            command=command,
            by=staff.author.by,
            reason=reason.strip(),
            seen=seen,
            extend_by=_longer(command, extend_by),
        )
        _give(services, staff, cohort_id, name, order)
    except ValueError as error:
        status, problem = 400, f"The length of time {error}."
    except Refused as refusal:
        status, problem = 409, _sentence(str(refusal))
    except NobodyThere as nobody:
        status, problem = 503, str(nobody)
    else:
        return go_to(f"/console/cohorts/{cohort_id}")
    attempt = {"command": command.value, "reason": reason, "extend_by": extend_by}
    return cohort_page(request, services, staff, cohort_id, status=status, problem=problem, attempt=attempt)


def _give(services: Services, staff: Staff, cohort_id: str, name: str, order: Order) -> None:
    """Whatever becomes of the order, the cohort's log says so; the audit says that it was given."""
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            AuditKind.ROLLOUT_ORDERED,
            at=services.clock(),
            cohort_id=cohort_id,
            reason=order.reason,
            command=order.command,
        )
    services.rollouts.give(name, order)


def _longer(command: Command, extend_by: str) -> timedelta | None:
    return parse_duration(extend_by) if command is Command.EXTEND else None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
