"""The switches: what is stopped, and orders that stop it or let it go on."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.operator_api.orders import OrderBody, answered, author_and_reason
from api.staff.kept_forms import SentForm
from api.staff.rights import RunsRollouts, SeesRollouts, Staff, require_right, require_step_up
from api.staff.visits import AtConsole
from api.web.arguments import Use
from domain.rollouts.slices import Dimension
from domain.staff.staff import Right
from domain.switches import Switch, SwitchStop
from services.container import Services
from services.safety import switches
from services.safety.switches import SwitchTurn
from store import invariants
from store.journeys import switches as stored_switches

router = APIRouter(prefix="/switches", tags=["switches"])


class Stops(BaseModel):
    """What is stopped now, the oldest stop first."""

    is_stopped: bool
    stops: list[SwitchStop]


class SwitchOrder(OrderBody):
    """For whom a switch is turned: for everybody, unless a slice is named."""

    by: Annotated[Dimension | None, Field(description="By what its people are told apart.")] = None
    value: Annotated[
        str, Field(max_length=100, description="Which slice: `DE`, `ios`, `Chrome 131`, `1Password`.")
    ] = ""


@router.get("")
def show_switches(services: Use, _staff: SeesRollouts) -> Stops:
    """What is stopped: for whom, since when, by whom and why."""
    with services.database.reading() as session:
        stops = stored_switches.open_stops(session)
    return Stops(is_stopped=bool(stops), stops=stops)


@router.post("/{switch}/stop")
def stop_switch(
    services: Use, visit: AtConsole, staff: RunsRollouts, form: SentForm, switch: Switch, body: SwitchOrder
) -> SwitchStop:
    """Stop something at once, for everybody or for a slice. `retiring` takes a fresh ceremony, and no key."""
    _require_turning(services, staff, form, switch, page=visit.back)
    author, reason = author_and_reason(staff, body)
    with answered():
        turn = _turn(services, switch, body, reason=reason)
        with services.database.transaction() as session:
            return switches.stop(session, author, turn)


@router.post("/{switch}/resume")
def resume_switch(
    services: Use, visit: AtConsole, staff: RunsRollouts, form: SentForm, switch: Switch, body: SwitchOrder
) -> SwitchStop:
    """End the stop that was made for the same people. `retiring` takes a fresh ceremony, and no key."""
    _require_turning(services, staff, form, switch, page=visit.back)
    author, reason = author_and_reason(staff, body)
    with answered():
        turn = _turn(services, switch, body, reason=reason)
        with services.database.transaction() as session:
            counts = invariants.broken(session, now=turn.at) if switch is Switch.RETIRING else {}
            return switches.resume(session, author, turn, counts)


def _require_turning(services: Services, staff: Staff, form: SentForm, switch: Switch, *, page: str) -> None:
    """Raise Forbidden, StepUpNeeded or NotByKey if the member may not turn this switch here."""
    if switch is not Switch.RETIRING:
        return
    require_right(services, staff, Right.STOP_RETIRING, path=page)
    require_step_up(services, staff, form, page=page)


def _turn(services: Services, switch: Switch, body: SwitchOrder, *, reason: str) -> SwitchTurn:
    people = switches.slice_of(switch, body.by, body.value)
    return SwitchTurn(switch=switch, people=people, reason=reason, at=services.clock())
