"""The page that lists the members of a cohort whom its waves have passed over, with the reasons."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.staff.rights import SeesLists, Staff
from api.web.arguments import Use
from api.web.pages import page
from domain.rollouts.cohorts import Ineligibility
from domain.staff.staff import AuditKind
from domain.words.cohort_captions import OBSTACLES
from services.container import Services
from store.desk import list_rows
from store.rollouts import cohorts, passed_over
from store.staff import audit

_PAGE = 50

router = APIRouter(prefix="/console/cohorts/{cohort_id}/passed-over")


@dataclass(frozen=True, kw_only=True)
class PassedOverQuery:
    """The reason that the list is about, and the account behind which the page begins."""

    cohort_id: str
    because: Ineligibility | None = None
    after: str = ""

    def path(self, because: str = "", after: str = "") -> str:
        """The list of one reason, or of all."""
        query = {name: value for name, value in {"because": because, "after": after}.items() if value}
        path = f"/console/cohorts/{self.cohort_id}/passed-over"
        return f"{path}?{urlencode(query)}" if query else path


def _read_query(
    cohort_id: str,
    because: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> PassedOverQuery:
    """The query of the address, without a reason that is none."""
    reason = next((reason for reason in Ineligibility if reason == because), None)
    return PassedOverQuery(cohort_id=cohort_id, because=reason, after=after)


Asked = Annotated[PassedOverQuery, Depends(_read_query)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, query: Asked) -> Response:
    """The next of them, and how many there are for each reason."""
    now = services.clock()
    with services.database.reading() as session:
        name = cohorts.get(session, query.cohort_id).name
        counts = passed_over.counts(session, query.cohort_id)
        people = passed_over.page(
            session, query.cohort_id, because=query.because, after=query.after, limit=_PAGE + 1
        )
        rows = list_rows.describe(session, [member.account_id for member in people[:_PAGE]], now=now)
    _note(services, staff, query)
    return page(
        request,
        "console/passed_over.html",
        staff=staff,
        query=query,
        name=name,
        counts={reason: counts.get(reason, 0) for reason in Ineligibility},
        people=[(member, rows[member.account_id]) for member in people[:_PAGE]],
        following=people[_PAGE - 1].account_id if len(people) > _PAGE else "",
        obstacles=OBSTACLES,
    )


def _note(services: Services, staff: Staff, query: PassedOverQuery) -> None:
    filters = {"because": query.because} if query.because else {}
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            AuditKind.LIST_SEEN,
            at=services.clock(),
            cohort_id=query.cohort_id,
            list="passed_over",
            filters=filters,
        )
