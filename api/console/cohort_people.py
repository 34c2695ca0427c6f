"""The people behind the numbers of a cohort's page: of a wave, and as far as they have come, or not."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.staff.rights import SeesLists, Staff
from api.web.arguments import Use
from api.web.pages import page
from api.web.spreadsheets import download
from domain.rollouts.people_filters import PeopleFilter
from domain.staff.staff import AuditKind
from domain.words.people_words import who_they_are
from services.container import Services
from store.desk import list_rows
from store.rollouts import cohorts, people
from store.staff import audit

_PAGE = 50
_COLUMNS = ("external_id", "account_id")

router = APIRouter(prefix="/console/cohorts/{cohort_id}/people")


@dataclass(frozen=True, kw_only=True)
class PeopleQuery:
    """Whom the list is about, and the account behind which the page begins."""

    cohort_id: str
    wanted: PeopleFilter
    after: str = ""

    def path(self, after: str = "", ending: str = "") -> str:
        """The list, from an account on; with an `ending`, something else of the same people."""
        query = self.wanted.words | ({"after": after} if after else {})
        path = f"/console/cohorts/{self.cohort_id}/people{ending}"
        return f"{path}?{urlencode(query)}" if query else path


def _read_query(
    cohort_id: str,
    wave: Annotated[str, Query(max_length=20)] = "",
    step: Annotated[str, Query(max_length=40)] = "",
    without: Annotated[str, Query(max_length=10)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> PeopleQuery:
    wanted = PeopleFilter.read(wave=wave, step=step, is_missing=without == "1")
    return PeopleQuery(cohort_id=cohort_id, wanted=wanted, after=after)


Asked = Annotated[PeopleQuery, Depends(_read_query)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, query: Asked) -> Response:
    """The next of them; it is written down that somebody looked."""
    now = services.clock()
    with services.database.reading() as session:
        name = cohorts.get(session, query.cohort_id).name
        listed = people.page(session, query.cohort_id, query.wanted, after=query.after, limit=_PAGE)
        rows = list_rows.describe(session, listed.account_ids, now=now)
    _note(services, staff, query, AuditKind.LIST_SEEN)
    return page(
        request,
        "console/cohort_people.html",
        staff=staff,
        query=query,
        name=name,
        who=who_they_are(query.wanted),
        people=[rows[account_id] for account_id in listed.account_ids],
        following=listed.following,
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, query: Asked) -> Response:
    """All of them; it is written down that the list was taken."""
    lines: list[tuple[str, str]] = []
    with services.database.reading() as session:
        cohorts.get(session, query.cohort_id)
        for account_ids in people.every(session, query.cohort_id, query.wanted):
            ids = people.external_ids(session, account_ids)
            lines += [(ids[account_id], account_id) for account_id in account_ids]
    _note(services, staff, query, AuditKind.LIST_EXPORTED)
    return download("people.csv", [_COLUMNS, *lines])


def _note(services: Services, staff: Staff, query: PeopleQuery, kind: AuditKind) -> None:
    with services.database.transaction() as session:
        audit.append(
            session,
            staff.author,
            kind,
            at=services.clock(),
            cohort_id=query.cohort_id,
            list="members",
            filters=query.wanted.words,
        )
