"""The exempt people, on which basis and until when, page by page, and how many; and the register of an account."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.staff.rights import SeesCases, SeesLists
from api.web.arguments import Use
from domain.desk.exemptions import ExemptionRecord
from domain.desk.stuck_filters import Mark
from domain.staff.staff import AuditKind
from store.desk import exempt
from store.desk.exempt import Exempt, ExemptFilter
from store.people import accounts, exemptions
from store.staff import audit

router = APIRouter(tags=["exempt"])


class ExemptParameters(BaseModel):
    """Whom to list; what is left out does not matter."""

    exemption: str | None = Field(default=None, max_length=40, description="The code of a basis.")
    cohort_id: str | None = Field(default=None, max_length=40, description="Only members of this cohort.")
    due: bool = Field(default=False, description="Only those who are due for review.")
    after: str = Field(default="", max_length=100, description="`after` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class ExemptPeople(BaseModel):
    """One page of people, the next to end first; contacts are masked."""

    people: list[Exempt]
    after: str | None = Field(description="The cursor of the next page, if there is one.")


class ExemptTotals(BaseModel):
    """How many people are exempt on each basis, and how many of them are due for review."""

    counts: dict[str, int]
    due: int


class BasisLine(BaseModel):
    """One ground on which people are exempted."""

    code: str
    words: str
    longest_days: int
    reviewed_after_days: int
    needs_evidence: bool
    takes_two: bool


class BasisList(BaseModel):
    """The grounds that there are, in the order in which staff choose."""

    bases: list[BasisLine]


class Register(BaseModel):
    """Every exemption that an account has had, newest first."""

    exemptions: list[ExemptionRecord]


@router.get("/exempt")
def show_exempt(services: Use, staff: SeesLists, query: Annotated[ExemptParameters, Query()]) -> ExemptPeople:
    """The next people of the list, with masked contacts."""
    now = services.clock()
    wanted = ExemptFilter(basis=query.exemption, cohort_id=query.cohort_id, is_due=query.due)
    with services.database.transaction() as session:
        mark = Mark.read(query.after)
        listed = exempt.page(session, wanted, now=now, after=mark, limit=query.limit)
        kind, shown = AuditKind.LIST_SEEN, len(listed.people)
        audit.append(session, staff.author, kind, at=now, list="exempt", shown=shown)
    return ExemptPeople(people=list(listed.people), after=str(listed.after) if listed.after else None)


@router.get("/exempt/counts")
def count_exempt(services: Use, _staff: SeesLists) -> ExemptTotals:
    """How many people are exempt on each basis."""
    with services.database.reading() as session:
        counted = exempt.counts(session, now=services.clock())
    without_people = dict.fromkeys((basis.code for basis in services.bases), 0)
    return ExemptTotals(counts=without_people | dict(counted.by_basis), due=counted.due)


@router.get("/exempt/bases")
def show_bases(services: Use, _staff: SeesLists) -> BasisList:
    """The grounds on which people can be exempted, and what each of them asks for."""
    day = timedelta(days=1)
    return BasisList(
        bases=[
            BasisLine(
                code=basis.code,
                words=basis.words,
                longest_days=basis.longest // day,
                reviewed_after_days=basis.reviewed_after // day,
                needs_evidence=basis.needs_evidence,
                takes_two=basis.takes_two,
            )
            for basis in services.bases
        ]
    )


@router.get("/cases/{account_id}/exemptions")
def show_register(services: Use, staff: SeesCases, account_id: UUID) -> Register:
    """Every exemption of an account: on which basis, by whom, from when until when, and what became of it."""
    with services.database.transaction() as session:
        accounts.get(session, str(account_id))
        kind, now = AuditKind.CASE_SEEN, services.clock()
        audit.append(session, staff.author, kind, at=now, account_id=str(account_id))
        return Register(exemptions=exemptions.of_account(session, str(account_id)))
