"""Takes orders to rollouts: one command to one of them, a pause of all, and a slice that gets its prompt back."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.operator_api.orders import OrderBody, Seen, answered, author_and_reason
from api.staff.kept_forms import SentForm
from api.staff.rights import RunsRollouts, require_step_up
from api.staff.visits import AtConsole
from api.web.arguments import Use
from domain.rollouts.rollout import LONGEST_EXTENSION, NOT_UNDONE, Command, Order
from domain.rollouts.slice_holds import SliceHold
from services.rollouts import cohort_portraits, rollout_orders, slice_holds
from services.rollouts.cohort_portraits import CohortPortrait
from services.rollouts.pausing import Pausing

router = APIRouter(prefix="/cohorts", tags=["cohorts"])


class CommandOf(OrderBody):
    """How a command is meant."""

    seen: Seen
    extend_by: Annotated[
        timedelta | None,
        Field(
            gt=timedelta(),
            le=LONGEST_EXTENSION,
            description="Of `extend`: by how long the wave is watched for longer (ISO 8601).",
        ),
    ] = None


class Pausings(BaseModel):
    """What became of the pause of every rollout that is not over."""

    rollouts: list[Pausing]
    are_all_paused: bool


@router.post("/pause-all")
def pause_all(services: Use, staff: RunsRollouts, body: OrderBody) -> Pausings:
    """Pause every rollout that is not over, one by one; a refusal stops nothing."""
    author, reason = author_and_reason(staff, body)
    pausings = rollout_orders.pause_all(services, author, reason=reason)
    return Pausings(rollouts=pausings, are_all_paused=all(each.is_paused for each in pausings))


@router.post("/{name}/orders/{command}")
def give_order(
    services: Use,
    visit: AtConsole,
    staff: RunsRollouts,
    form: SentForm,
    name: str,
    command: Command,
    body: CommandOf,
) -> CohortPortrait:
    """Give a rollout a command. `abort` and `rollback` cannot be undone: they take a fresh ceremony, and no key."""
    if command in NOT_UNDONE:
        require_step_up(services, staff, form, page=visit.back)
    author, reason = author_and_reason(staff, body)
    extend_by = body.extend_by if command is Command.EXTEND else None
    order = Order(command=command, by=author.signature, reason=reason, seen=body.seen, extend_by=extend_by)
    cohort_id = cohort_portraits.id_of(services.database, name)
    with answered():
        rollout_orders.give(services, author, cohort_id, order)
    return cohort_portraits.read(services.database, name, now=services.clock())


@router.post("/{name}/slices/{hold_id}/lift")
def lift_slice(services: Use, staff: RunsRollouts, name: str, hold_id: str, body: OrderBody) -> SliceHold:
    """Let the prompt come back to a slice of the cohort's people."""
    author, reason = author_and_reason(staff, body)
    cohort_id = cohort_portraits.id_of(services.database, name)
    with answered():
        return slice_holds.lift(services, author, cohort_id, hold_id, reason=reason)
