"""The operators' pages: the list of cohorts, and one cohort. The `live` routes keep both fresh."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from api.console import cohort_rows, cohort_view
from api.console.cohort_rows import AskedCohorts
from api.staff.kept_forms import KeptForm, form_kept_for
from api.staff.open_console import remember
from api.staff.rights import AnyStaff, SeesRollouts, Staff
from api.web import remarks
from api.web.arguments import Use
from api.web.pages import go_to, page
from domain.errors import Unknown
from domain.staff.staff import clean_name
from services.container import Services
from store.rollouts import cohorts

router = APIRouter(prefix="/console")


@router.get("")
def list_cohorts(request: Request, services: Use, staff: SeesRollouts, query: AskedCohorts) -> Response:
    """The cohorts on the list, or the archived ones, by a part of their names."""
    with services.database.reading() as session:
        rows = cohort_rows.rows(session, query, now=services.clock())
    return remarks.page(
        request,
        "console/cohorts.html",
        session_id=staff.session_id,
        staff=staff,
        rows=rows,
        query=query,
        problem="",
        reason="",
        done="",
    )


@router.get("/live")
def list_cohorts_anew(request: Request, services: Use, staff: SeesRollouts, query: AskedCohorts) -> Response:
    """The part of the list that changes."""
    with services.database.reading() as session:
        rows = cohort_rows.rows(session, query, now=services.clock())
    return page(request, "console/cohorts_live.html", staff=staff, rows=rows, query=query)


@router.post("/name")
def say_name(
    services: Use,
    somebody: AnyStaff,
    name: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Keep the name of a person in an open console; a member keeps the name on record."""
    answer = go_to(f"/console/cohorts/{back}" if back.replace("-", "").isalnum() else "/console")
    if somebody.signed is None:
        remember(answer, clean_name(name), services.site)
    return answer


@router.get("/cohorts/named/{name}")
def find_cohort(services: Use, staff: SeesRollouts, name: str) -> Response:
    """One cohort by its name, because dashboards know only names."""
    with services.database.reading() as session:
        row = cohorts.by_name(session, name)
    if row is None:
        raise Unknown(f"no cohort {name}")
    return go_to(f"/console/cohorts/{row.cohort_id}")


@router.get("/cohorts/{cohort_id}")
def show_cohort(request: Request, services: Use, staff: SeesRollouts, cohort_id: str) -> Response:
    """One cohort."""
    return cohort_page(request, services, staff, cohort_id)


@router.get("/cohorts/{cohort_id}/live")
def show_cohort_anew(request: Request, services: Use, staff: SeesRollouts, cohort_id: str) -> Response:
    """The parts of the cohort's page that change."""
    return cohort_page(request, services, staff, cohort_id, template="console/cohort_live.html")


def cohort_page(
    request: Request,
    services: Services,
    staff: Staff,
    cohort_id: str,
    *,
    template: str = "console/cohort.html",
) -> Response:
    """The page of one cohort; after a failed order, with the problem and with what was typed."""
    with services.database.reading() as session:
        shown = cohort_view.view(session, cohort_id, now=services.clock())
    return remarks.page(
        request,
        template,
        session_id=staff.session_id,
        staff=staff,
        shown=shown,
        problem="",
        attempt=_attempt(form_kept_for(request)),
    )


def _attempt(form: KeptForm) -> dict[str, str]:
    """The order that waits to be given again, as the page fills it in."""
    return {
        "command": form.action.rpartition("/")[2],
        "reason": form.value("reason"),
        "extend_by": form.value("extend_by"),
    }
