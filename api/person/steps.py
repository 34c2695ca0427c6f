"""Renders the pages of the set-up: each says how far the person is, and has a way out."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.web import remarks
from domain.facts import Milestone
from services.container import Services
from services.people import standing, waiting_steps
from services.people.standing import PersonStanding
from services.people.visits import Person

_NUMBERS = {milestone: number for number, milestone in enumerate(Milestone, start=1)}
EMAIL_PAGE = "/setup/email"
APP_CHECK_PAGE = "/setup/app/check"
_PAGES = {
    Milestone.EMAIL_VERIFIED: EMAIL_PAGE,
    Milestone.PASSKEY_ENROLLED: "/setup/passkey",
    Milestone.PASSKEY_PROVEN: "/setup/prove",
    Milestone.SECOND_ROUTE_READY: "/setup/second",
}


def next_page(person_standing: PersonStanding) -> str:
    """The page of the step that comes next, or the last page of the set-up."""
    if person_standing.next_step is None:
        return "/setup/done"
    if person_standing.next_step is Milestone.PASSKEY_PROVEN and person_standing.app_stands_in:
        return APP_CHECK_PAGE
    return _PAGES[person_standing.next_step]


def step_page(
    request: Request,
    services: Services,
    person: Person,
    template: str,
    step: Milestone,
    **values: Any,
) -> HTMLResponse:
    """The page of one step, and what its form came to; or that the step waits, while the guard is up."""
    until = waiting_steps.waits_until(services, person, step)
    with services.database.reading() as session:
        person_standing = standing.read(session, person.account_id, now=services.clock())
    steps = [(number, milestone not in person_standing.missing) for milestone, number in _NUMBERS.items()]
    return remarks.page(
        request,
        "person/setup/waits.html" if until else f"person/setup/{template}",
        session_id=person.session_id,
        standing=person_standing,
        number=_NUMBERS[step],
        steps=steps,
        until=until,
        **values,
    )
