"""The page of the switches: what is stopped, and the forms that turn it. Retiring takes a fresh ceremony."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from api.staff.kept_forms import form_kept_for
from api.staff.rights import RunsRollouts, SeesRollouts, Staff, stepped_up
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to
from domain.errors import Refused
from domain.rollouts.slices import Dimension
from domain.staff.staff import Right
from domain.switches import SLICES, Switch
from domain.words.switch_words import EFFECTS, TITLES, who
from services.container import Services
from services.figures.promise_figures import PromiseFigures
from services.safety import switches
from services.safety.switches import SwitchTurn
from store import invariants
from store.journeys import switches as stored_switches

Reason = Annotated[str, Form(max_length=500)]
By = Annotated[Dimension | None, Form()]
Value = Annotated[str, Form(max_length=100)]

PATH = "/console/switches"
MOST_ENDED = 10
"""How many stops that have ended are on the page."""

router = APIRouter(prefix=PATH)

StopsRetiring = Annotated[Staff, Depends(stepped_up(Right.STOP_RETIRING, "Stop", page=PATH))]
ResumesRetiring = Annotated[Staff, Depends(stepped_up(Right.STOP_RETIRING, "Resume", page=PATH))]
"""Admins who have just stepped up, as arguments of the routes of these buttons."""


@router.get("")
def show(request: Request, services: Use, staff: SeesRollouts) -> Response:
    """Every switch, and what is stopped by it."""
    with services.database.reading() as session:
        stops = stored_switches.open_stops(session)
        ended = stored_switches.latest(session, limit=MOST_ENDED)
    promises: PromiseFigures = request.app.state.promises
    return remarks.page(
        request,
        "console/switches.html",
        session_id=staff.session_id,
        staff=staff,
        switches=list(Switch),
        stops={switch: [stop for stop in stops if stop.switch is switch] for switch in Switch},
        ended=ended,
        counts=promises.read(),
        titles=TITLES,
        effects=EFFECTS,
        slices=SLICES,
        who=who,
        right_to_turn=switches.right_to_turn,
        problem="",
        reason=form_kept_for(request).value("reason"),
    )


@router.post("/retiring/stop")
def stop_retiring(
    services: Use, staff: StopsRetiring, reason: Reason = "", by: By = None, value: Value = ""
) -> Response:
    """Stop retiring."""
    return _stop(services, staff, Switch.RETIRING, by, value, reason=reason)


@router.post("/retiring/resume")
def resume_retiring(
    services: Use,
    staff: ResumesRetiring,
    reason: Reason = "",
    by: By = None,
    value: Value = "",
    anyway: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Let retiring go on; for everybody, while promises are broken, only `anyway`."""
    return _resume(services, staff, Switch.RETIRING, by, value, reason=reason, anyway=bool(anyway))


@router.post("/{what}/stop")
def stop(
    services: Use, staff: RunsRollouts, what: Switch, reason: Reason = "", by: By = None, value: Value = ""
) -> Response:
    """Stop nudges, prompts or launches."""
    return _stop(services, staff, what, by, value, reason=reason)


@router.post("/{what}/resume")
def resume(
    services: Use, staff: RunsRollouts, what: Switch, reason: Reason = "", by: By = None, value: Value = ""
) -> Response:
    """Let nudges, prompts or launches go on."""
    return _resume(services, staff, what, by, value, reason=reason)


def _stop(
    services: Services, staff: Staff, what: Switch, by: Dimension | None, value: str, *, reason: str
) -> Response:
    try:
        people = switches.slice_of(what, by, value)
        turn = SwitchTurn(switch=what, people=people, reason=reason, at=services.clock())
        with services.database.transaction() as session:
            switches.stop(session, staff.author, turn)
    except Refused as refusal:
        return _back(services, staff, problem=str(refusal), reason=reason)
    return go_to(PATH)


def _resume(
    services: Services,
    staff: Staff,
    what: Switch,
    by: Dimension | None,
    value: str,
    *,
    reason: str,
    anyway: bool = False,
) -> Response:
    now = services.clock()
    with services.database.reading() as session:
        counts = invariants.broken(session, now=now) if what is Switch.RETIRING else {}
    try:
        people = switches.slice_of(what, by, value)
        turn = SwitchTurn(switch=what, people=people, reason=reason, at=now)
        with services.database.transaction() as session:
            switches.resume(session, staff.author, turn, counts, anyway=anyway)
    except Refused as refusal:
        return _back(services, staff, problem=str(refusal), reason=reason)
    return go_to(PATH)


def _back(services: Services, staff: Staff, *, problem: str, reason: str) -> Response:
    session_id = staff.session_id
    return remarks.back_to(services, PATH, session_id=session_id, status=409, problem=problem, reason=reason)
