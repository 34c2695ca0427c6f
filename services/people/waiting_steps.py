"""Which steps of the set-up wait while the guard is up, and until when."""

from datetime import datetime

from domain.facts import Milestone
from domain.trust import Change, NotFromHere, Why
from services.container import Services
from services.people import bearers
from services.people.visits import Person

_CHANGES = {
    Milestone.EMAIL_VERIFIED: Change.CONFIRM_EMAIL,
    Milestone.PASSKEY_ENROLLED: Change.BIND_PASSKEY,
    Milestone.SECOND_ROUTE_READY: Change.MAKE_CODES,
}
"""What each step changes; trying a passkey changes nothing."""


def waits_until(services: Services, person: Person, step: Milestone) -> datetime | None:
    """When a step can be done from this session again; None if nothing but the step itself is in the way."""
    change = _CHANGES.get(step)
    if change is None:
        return None
    with services.database.reading() as session:
        door = bearers.look(session, person, now=services.clock())
        on_record = bearers.email_of(session, door.account) if change is Change.CONFIRM_EMAIL else None
        answer = door.answer(change, on_record.trust if on_record else None)
    return answer.until if isinstance(answer, NotFromHere) and answer.why is Why.UNDER_GUARD else None
