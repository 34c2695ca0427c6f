"""Takes operators' orders to a rollout. After a refusal, the page shows the reason and what the operator typed."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import Response

from api.staff.kept_forms import SentForm
from api.staff.rights import RunsRollouts, Staff, require_step_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from domain.rollouts.rollout import NOT_UNDONE, Command, Order
from domain.words.console_words import ORDERS, nobody_there
from services.container import NobodyThere
from services.rollouts import rollout_orders
from services.rollouts.durations import parse_duration

router = APIRouter(prefix="/console/cohorts")


@dataclass(frozen=True, kw_only=True)
class OrderForm:
    """A command from the page of a cohort; `seen` is the version of the standing that the page showed."""

    command: Command
    seen: int
    reason: str
    extend_by: str

    def order(self, staff: Staff) -> Order:
        """The order. Raises ValueError if `extend_by` is not a length of time."""
        return Order(
            command=self.command,
            by=staff.author.by,
            reason=self.reason.strip(),
            seen=self.seen,
            extend_by=self._extension(),
        )

    def _extension(self) -> timedelta | None:
        return parse_duration(self.extend_by) if self.command is Command.EXTEND else None


def _form(
    command: Command,
    seen: Annotated[int, Form()],
    reason: Annotated[str, Form(max_length=500)] = "",
    extend_by: Annotated[str, Form(max_length=60)] = "",
) -> OrderForm:
    return OrderForm(command=command, seen=seen, reason=reason, extend_by=extend_by)


TypedOrder = Annotated[OrderForm, Depends(_form)]
"""The argument of a route that takes the form."""


@router.post("/{cohort_id}/orders/{command}")
def give_order(
    services: Use, staff: RunsRollouts, cohort_id: str, sent: SentForm, form: TypedOrder
) -> Response:
    """Give the rollout a command. The rollout refuses it if its standing has changed since the page was shown."""
    path = f"/console/cohorts/{cohort_id}"
    if form.command in NOT_UNDONE:
        require_step_up(services, staff, replace(sent, button=ORDERS[form.command]), page=path)
    try:
        rollout_orders.give(services, staff.author, cohort_id, form.order(staff))
    except ValueError as error:
        status, problem = 400, f"The length of time {error}."
    except Refused as refusal:
        status, problem = 409, _sentence(str(refusal))
    except NobodyThere as nobody:
        status, problem = 503, nobody_there(is_taken=nobody.is_taken)
    else:
        return go_to(path)
    said: dict[str, Any] = {"problem": problem, "attempt": asdict(form)}
    return remarks.back_to(services, path, session_id=staff.session_id, status=status, **said)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
