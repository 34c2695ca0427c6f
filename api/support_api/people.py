"""Finds people, shows a whole case in one answer, and shows contacts in full to members who give a reason."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.staff.rights import RevealsContacts, SeesCases, Staff
from api.web.arguments import Use
from domain.desk.act_rules import Allowed, Doer, allowed
from domain.desk.acts import Act, Subject
from domain.desk.cases import Case
from domain.desk.first_acts import first_acts
from domain.desk.queries import readings
from domain.desk.tickets import Ticket, address_of
from domain.errors import Throttled
from domain.facts import Channel
from domain.safety.objections import Outcome
from domain.staff.approvals import Pass
from domain.staff.reasons import clean_reason
from domain.staff.staff import AuditKind
from domain.words.standings import standing
from providers.contacts import normal_address
from providers.phone_readings import on_record
from services.container import Services
from store.acts import subjects
from store.desk import cases, reveals, search
from store.desk.list_rows import ListRow
from store.safety import objections, rescues
from store.staff import audit

router = APIRouter(tags=["people"])

Cursor = Annotated[str | None, Field(max_length=100, description="`after` of the page before.")]
Why = Annotated[str, Field(max_length=500, description="Why, without anybody's number or address.")]


class SearchFor(BaseModel):
    """Travels in the body, so that no address or number is in any log."""

    text: Annotated[
        str, Field(max_length=320, description="An id, an address, a number, or its last digits.")
    ]
    after: Cursor = None


class People(BaseModel):
    """One page of people; contacts are masked."""

    people: list[ListRow]
    after: str | None = Field(description="The cursor of the next page, if there is one.")


class ActNow(BaseModel):
    """One act, and whether it can be done now."""

    act: Act
    allowed: bool
    reason: str = Field(default="", description="Why not, in plain words.")
    needs_step_up: bool = False
    takes_two: bool = Field(
        default=False, description="It is asked for, and done when a second member approves."
    )
    undone_by: Act | None = None
    helps: bool = Field(
        default=False, description="It helps against what is in the way: pages show it before the others."
    )


class ObjectionLine(BaseModel):
    """One "this wasn't me", and how support settled it."""

    objection_id: str
    template: str = Field(description="Of the notice that it objects to.")
    made_at: datetime
    passkey_id: str | None
    settled_at: datetime | None
    outcome: Outcome | None
    reason: str | None


class TicketLine(BaseModel):
    """One ticket of the host's support about the person."""

    ticket_id: str = Field(description="The host's own id of it.")
    url: str = Field(description="Where it is to be read, by `OFFRAMP_TICKET_URL`; empty without that.")
    opened_at: datetime | None
    closed_at: datetime | None


class CaseAnswer(BaseModel):
    """A case as the page shows it; contacts are masked."""

    sentence: str = Field(description="Where the person stands, in one sentence.")
    case: Case
    acts: list[ActNow] = Field(description="Those first that help against what is in the way.")
    tickets: list[TicketLine] = Field(description="Those that are open come first.")
    rescue_passes: list[Pass]
    objections: list[ObjectionLine] = Field(description="Newest first; the journey rests while one is open.")


class Reveal(BaseModel):
    """Asks for contacts in full."""

    reason: Why


class Contacts(BaseModel):
    """An account's contacts in full."""

    contacts: dict[Channel, str]


@router.post("/search")
def find(services: Use, staff: SeesCases, query: SearchFor) -> People:
    """Everybody whom a text may mean, the most exact first."""
    now = services.clock()
    meant = sorted({reading.kind for reading in readings(query.text)})
    with services.database.transaction() as session:
        results = search.find(
            session,
            query.text,
            now=now,
            address=normal_address(query.text),
            numbers=on_record(query.text),
            after=query.after,
        )
        audit.append(
            session, staff.author, AuditKind.SEARCHED, at=now, meant=meant, found=len(results.people)
        )
    return People(people=list(results.people), after=results.after)


@router.get("/cases/{account_id}")
def show(services: Use, staff: SeesCases, account_id: UUID) -> CaseAnswer:
    """The whole case, and what may be done about it now."""
    now = services.clock()
    with services.database.transaction() as session:
        case = cases.draw(session, str(account_id), now=now)
        subject = subjects.read(session, str(account_id), now=now)
        passes = rescues.of_account(session, str(account_id), now=now)
        account_objections = objections.of_account(session, str(account_id))
        audit.append(session, staff.author, AuditKind.CASE_SEEN, at=now, account_id=str(account_id))
    return CaseAnswer(
        sentence=standing(case, now),
        case=case,
        acts=_acts(case, subject, staff, now),
        tickets=[_ticket(ticket, services) for ticket in case.tickets],
        rescue_passes=passes,
        objections=[ObjectionLine.model_validate(row, from_attributes=True) for row in account_objections],
    )


@router.post("/cases/{account_id}/reveal")
def reveal(services: Use, staff: RevealsContacts, account_id: UUID, body: Reveal) -> Contacts:
    """The contacts in full. That they were shown, and why, is written down."""
    reason, now = clean_reason(body.reason), services.clock()
    with services.database.transaction() as session:
        contacts = reveals.reveal(session, staff.author, str(account_id), reason=reason, at=now)
    if isinstance(contacts, Throttled):
        raise contacts
    return Contacts(contacts=contacts)


def _ticket(ticket: Ticket, services: Services) -> TicketLine:
    return TicketLine(
        ticket_id=ticket.ticket_id,
        url=address_of(services.ticket_url, ticket.ticket_id),
        opened_at=ticket.opened_at,
        closed_at=ticket.closed_at,
    )


def _acts(case: Case, subject: Subject, staff: Staff, now: datetime) -> list[ActNow]:
    acts = {act: _act(act, subject, staff, now) for act in Act}
    possible = [act for act, line in acts.items() if line.allowed]
    helpful = first_acts((hurdle.obstacle for hurdle in case.hurdles), possible)
    first = [acts[act].model_copy(update={"helps": True}) for act in helpful]
    return [*first, *(line for act, line in acts.items() if act not in helpful)]


def _act(act: Act, subject: Subject, staff: Staff, now: datetime) -> ActNow:
    answer = allowed(act, subject, Doer(role=staff.role, is_by_key=staff.author.key_id is not None), now)
    if isinstance(answer, Allowed):
        return ActNow(
            act=act,
            allowed=True,
            needs_step_up=answer.needs_step_up,
            takes_two=answer.takes_two,
            undone_by=answer.undone_by,
        )
    return ActNow(act=act, allowed=False, reason=answer.reason)
