"""The list of exempt people, for what and until when: in pages, and as a file. The audit keeps every look."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.staff.rights import SeesLists, Staff
from api.web.arguments import Use
from api.web.pages import page
from api.web.spreadsheets import download
from domain.desk.stuck_filters import Mark
from domain.staff.staff import AuditKind
from services.container import Services
from store.desk import exempt
from store.desk.exempt import ExemptFilter
from store.rollouts import cohorts
from store.staff import audit

router = APIRouter(prefix="/console/desk/exempt")


@dataclass(frozen=True, kw_only=True)
class ExemptQuery:
    """The basis and the cohort that the list is about, whether only what is due, and where the page begins."""

    basis: str = ""
    cohort: str = ""
    is_due: bool = False
    after: Mark | None = None

    @property
    def wanted(self) -> ExemptFilter:
        """The filters as the store takes them."""
        return ExemptFilter(basis=self.basis or None, cohort_id=self.cohort or None, is_due=self.is_due)

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        named = {"for": self.basis, "cohort": self.cohort, "due": "true" if self.is_due else ""}
        return {name: value for name, value in named.items() if value}

    def path(self, below: str = "", **changes: str) -> str:
        """This list from its beginning, with changes; `rest` is `for` in the address, which Python keeps to itself."""
        renamed = {"for" if name == "rest" else name: value for name, value in changes.items()}
        query = {name: value for name, value in (self.filters | renamed).items() if value}
        return f"/console/desk/exempt{below}" + (f"?{urlencode(query)}" if query else "")


def _read_query(
    basis: Annotated[str, Query(alias="for", max_length=40)] = "",
    cohort: Annotated[str, Query(max_length=40)] = "",
    due: Annotated[str, Query(max_length=10)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> ExemptQuery:
    return ExemptQuery(basis=basis, cohort=cohort, is_due=due == "true", after=Mark.read(after))


Filtered = Annotated[ExemptQuery, Depends(_read_query)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The next people of the list, and how many there are."""
    now = services.clock()
    with services.database.reading() as session:
        people = exempt.page(session, query.wanted, now=now, after=query.after)
        counts = exempt.counts(session, now=now, cohort_id=query.wanted.cohort_id)
        cohort_names = {row.cohort_id: row.name for row in cohorts.every(session)}
    _note(services, staff, AuditKind.LIST_SEEN, query)
    return page(
        request,
        "desk/exempt.html",
        staff=staff,
        query=query,
        people=people,
        counts=counts,
        bases=services.bases,
        cohorts=cohort_names,
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The whole list as CSV, without contacts."""
    _note(services, staff, AuditKind.LIST_EXPORTED, query)
    return download("exempt.csv", _rows(services, query))


def _rows(services: Services, query: ExemptQuery) -> Iterator[tuple[str, ...]]:
    with services.database.reading() as session:
        yield from exempt.rows(session, query.wanted, now=services.clock())


def _note(services: Services, staff: Staff, kind: AuditKind, query: ExemptQuery) -> None:
    with services.database.transaction() as session:
        audit.append(session, staff.author, kind, at=services.clock(), list="exempt", filters=query.filters)
