"""The end date of a cohort: what it comes to on a day, and an order that moves it later, or lifts it."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.operator_api.orders import OrderBody, Seen, answered, author_and_reason
from api.staff.rights import RunsRollouts, SeesRollouts
from api.web.arguments import Use
from domain.rollouts.cohorts import Cohort
from domain.rollouts.end_outlooks import EndOutlook
from domain.safety.end_dates import EndDate
from services.container import Services
from services.rollouts import cohort_portraits, end_moves, end_outlooks
from services.rollouts.end_dates import parse_end
from store.rollouts import cohorts

router = APIRouter(prefix="/cohorts/{name}/end", tags=["cohorts"])


class CohortEnd(BaseModel):
    """The end date of a cohort, and what it comes to."""

    ends_at: datetime | None = Field(
        description="When codes begin to open the set-up alone; null without an end."
    )
    outlook: EndOutlook


class MoveTo(OrderBody):
    """The day to which the end date is moved; without a day it is lifted."""

    day: date | None = Field(description="null lifts the end date.")
    begins: Annotated[str, Field(max_length=8, description="The time of day, such as 06:00.")] = ""
    zone: Annotated[
        str,
        Field(max_length=60, description="Such as Europe/Berlin; without one, that of the launch windows."),
    ] = ""
    seen: Seen

    def end(self, default_zone: str) -> EndDate | None:
        """The end date. Raises InvalidCohort."""
        if self.day is None:
            return None
        return parse_end(self.day.isoformat(), begins=self.begins, zone=self.zone, default_zone=default_zone)


@router.get("")
def show_end(
    services: Use,
    _staff: SeesRollouts,
    name: str,
    on: Annotated[
        datetime | None, Query(description="Another moment than the end date, with its offset.")
    ] = None,
) -> CohortEnd:
    """Who would be let in only to set up a passkey, who could not even do that, and whether the pace is enough."""
    return _shown(services, name, on)


@router.put("")
def move_end(services: Use, staff: RunsRollouts, name: str, body: MoveTo) -> CohortEnd:
    """Move the end date later, or lift it; people are told. A nearer day takes two members at the console."""
    author, reason = author_and_reason(staff, body)
    cohort_id, cohort = _found(services, name)
    with answered():
        end_moves.move(
            services.database,
            services.rollouts,
            author,
            cohort_id,
            body.end(cohort.windows.time_zone),
            reason=reason,
            seen=body.seen,
            now=services.clock(),
        )
    return _shown(services, name, None)


def _found(services: Services, name: str) -> tuple[str, Cohort]:
    with services.database.reading() as session:
        row = cohort_portraits.get_by_name(session, name)
        return row.cohort_id, cohorts.description(row)


def _shown(services: Services, name: str, on: datetime | None) -> CohortEnd:
    cohort_id, cohort = _found(services, name)
    with services.database.reading() as session:
        outlook = end_outlooks.draw(session, cohort_id, on=on, now=services.clock())
    end = cohort.policy.end
    return CohortEnd(ends_at=end.at if end else None, outlook=outlook)
