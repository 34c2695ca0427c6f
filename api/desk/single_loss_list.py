"""The list of those who are one loss away from being locked out. The audit keeps every look."""

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
from domain.upkeep.possessions import Thing
from domain.words.upkeep_words import THINGS
from services.container import Services
from store.desk import single_losses
from store.desk.single_losses import LossFilter
from store.rollouts import cohorts
from store.staff import audit

router = APIRouter(prefix="/console/desk/one-loss")


@dataclass(frozen=True, kw_only=True)
class LossQuery:
    """The thing and the cohort that the list is about, and where the page begins."""

    thing: Thing | None = None
    cohort: str = ""
    after: Mark | None = None

    @property
    def wanted(self) -> LossFilter:
        """The filters as the store takes them."""
        return LossFilter(thing=self.thing, cohort_id=self.cohort or None)

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        named = {"thing": self.thing or "", "cohort": self.cohort}
        return {name: str(value) for name, value in named.items() if value}

    def path(self, below: str = "", **changes: str) -> str:
        """This list from its beginning, with changes."""
        query = {name: value for name, value in (self.filters | changes).items() if value}
        return f"/console/desk/one-loss{below}" + (f"?{urlencode(query)}" if query else "")


def _read_query(
    thing: Annotated[str, Query(max_length=40)] = "",
    cohort: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=100)] = "",
) -> LossQuery:
    """The query of the address, without values that are none of the choices."""
    chosen = next((each for each in Thing if each == thing), None)
    return LossQuery(thing=chosen, cohort=cohort, after=Mark.read(after))


Filtered = Annotated[LossQuery, Depends(_read_query)]


@router.get("")
def show(request: Request, services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The next people of the list, and how many there are."""
    now = services.clock()
    with services.database.reading() as session:
        people = single_losses.page(session, query.wanted, now=now, after=query.after)
        counts = single_losses.counts(session, now=now, cohort_id=query.wanted.cohort_id)
        cohort_names = {row.cohort_id: row.name for row in cohorts.every(session)}
    _note(services, staff, AuditKind.LIST_SEEN, query)
    return page(
        request,
        "desk/one_loss.html",
        staff=staff,
        query=query,
        people=people,
        counts=counts,
        things=THINGS,
        cohorts=cohort_names,
    )


@router.get("/export")
def export(services: Use, staff: SeesLists, query: Filtered) -> Response:
    """The whole list as CSV, without contacts."""
    _note(services, staff, AuditKind.LIST_EXPORTED, query)
    return download("one-loss.csv", _rows(services, query))


def _rows(services: Services, query: LossQuery) -> Iterator[tuple[str, ...]]:
    with services.database.reading() as session:
        yield from single_losses.rows(session, query.wanted, now=services.clock())


def _note(services: Services, staff: Staff, kind: AuditKind, query: LossQuery) -> None:
    with services.database.transaction() as session:
        audit.append(session, staff.author, kind, at=services.clock(), list="one_loss", filters=query.filters)
