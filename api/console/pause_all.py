"""Pauses every rollout by one order, which asks for a reason and a confirmation."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.staff.rights import RunsRollouts
from api.web import remarks
from api.web.arguments import Use
from services.rollouts import rollout_orders
from services.rollouts.pausing import Pausing

_PATH = "/console"
_MOST_NAMED = 5

router = APIRouter(prefix="/console/pause-all")


@router.post("")
def pause_all(
    services: Use,
    staff: RunsRollouts,
    reason: Annotated[str, Form(max_length=500)] = "",
    sure: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Pause all, and say on the list of cohorts what became of it."""
    if not reason.strip() or not sure:
        problem = "Say why, and confirm that all rollouts are meant."
        return remarks.back_to(
            services, _PATH, session_id=staff.session_id, status=400, problem=problem, reason=reason
        )
    pausings = rollout_orders.pause_all(services, staff.author, reason=reason.strip())
    if unpaused := [pausing for pausing in pausings if not pausing.is_paused]:
        problem = _problem(unpaused, of=len(pausings))
        return remarks.back_to(
            services, _PATH, session_id=staff.session_id, status=409, problem=problem, reason=reason
        )
    return remarks.back_to(services, _PATH, session_id=staff.session_id, done=_done(len(pausings)))


def _done(rollouts: int) -> str:
    if not rollouts:
        return "No rollout is under way."
    return "The one rollout is paused." if rollouts == 1 else f"All {rollouts} rollouts are paused."


def _problem(unpaused: Sequence[Pausing], *, of: int) -> str:
    # What is said travels in a cookie, so only the first ones are named; the list shows the stage of each.
    named = "; ".join(f"{pausing.cohort}: {pausing.problem[:200]}" for pausing in unpaused[:_MOST_NAMED])
    more = f"; and {len(unpaused) - _MOST_NAMED} more" if len(unpaused) > _MOST_NAMED else ""
    return f"{len(unpaused)} of {of} rollouts were not paused. {named}{more}"
