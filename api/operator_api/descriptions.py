"""Plans a cohort from its description, launches it, or changes the description of a launched one."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.operator_api.orders import OrderBody, OrderRefused, Seen, answered, author_and_reason
from api.staff.kept_forms import SentForm
from api.staff.rights import RunsRollouts, SeesRollouts, require_step_up
from api.staff.visits import AtConsole
from api.web.arguments import Use
from domain.rollouts.cohorts import Cohort
from domain.rollouts.edits import Edit
from services.container import Services
from services.rollouts import cohort_plans, cohort_portraits, described_cohorts, rollout_orders
from services.rollouts.cohort_plans import CohortPlan
from services.rollouts.cohort_portraits import CohortPortrait

router = APIRouter(prefix="/cohorts", tags=["cohorts"])

Description = Annotated[
    str, Field(max_length=40_000, description="The cohort in TOML, as in docs/sample-cohort.toml.")
]


class PlanOf(BaseModel):
    """What is to be planned."""

    description: Description


class LaunchOf(OrderBody):
    """What is to be launched, and why."""

    description: Description


class EditOf(OrderBody):
    """What a launched cohort's description is to be, and why."""

    description: Description
    seen: Seen


@router.post("/plan")
def plan(services: Use, _staff: SeesRollouts, body: PlanOf) -> CohortPlan:
    """What a launch would come to: whom it takes, the waves, the messages, and what to know before it."""
    cohort = _read(services, body.description)
    with services.database.reading() as session:
        return cohort_plans.draw(
            session, cohort, now=services.clock(), email_recovers=services.email_recovers
        )


@router.post("", status_code=201)
def launch(services: Use, staff: RunsRollouts, body: LaunchOf) -> CohortPortrait:
    """Launch a cohort. Plan it first: people of the first wave are written to at once."""
    author, reason = author_and_reason(staff, body)
    with answered():
        cohort = _read(services, body.description)
        rollout_orders.launch(services, author, cohort, reason=reason)
    return cohort_portraits.read(services.database, cohort.name, now=services.clock())


@router.put("/{name}")
def edit(
    services: Use, visit: AtConsole, staff: RunsRollouts, form: SentForm, name: str, body: EditOf
) -> CohortPortrait:
    """Change the description of a launched cohort. Who is in it, its holdout and its end date stay as they are.

    It may change the protection of people on their way: that takes a fresh ceremony, and no key.
    """
    require_step_up(services, staff, form, page=visit.back)
    author, reason = author_and_reason(staff, body)
    with answered():
        cohort = _read(services, body.description)
        if cohort.name != name:
            raise OrderRefused(f"the description is of {cohort.name}, and not of {name}")
        cohort_id = cohort_portraits.id_of(services.database, name)
        edited = Edit(cohort=cohort, by=author.signature, reason=reason, seen=body.seen)
        rollout_orders.edit(services, author, cohort_id, edited)
    return cohort_portraits.read(services.database, name, now=services.clock())


def _read(services: Services, description: str) -> Cohort:
    with services.database.reading() as session:
        return described_cohorts.read(session, description, now=services.clock())
