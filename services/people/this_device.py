"""Offers a passkey on this device to somebody who has signed in by the phone beside it."""

from domain.codes import digest
from domain.passkeys import MOST_PASSKEYS, is_on_phone
from domain.switches import Switch
from domain.trust import Change, NotFromHere
from services.container import Services
from services.people import bearers, standing
from services.people.admission import Admission
from services.people.visits import Person, Visit, person_of
from store.journeys import switches
from store.people import passkeys, sessions


def is_offered(services: Services, visit: Visit, admission: Admission) -> bool:
    """Whether the passkey of a sign-in is on a phone, and its session may add one. The browser knows if it can.

    While prompts are stopped for the person nothing is offered by itself.
    """
    now = services.clock()
    with services.database.reading() as session:
        person = person_of(sessions.get(session, digest(admission.token)))
        passkey = passkeys.find_kept(session, person.account_id, person.passkey_id) if person else None
        if person is None or passkey is None or not is_on_phone(passkey.transports):
            return False
        if switches.is_stopped(session, Switch.PROMPTS, person.account_id, visit.scene):
            return False
        has_room = len(passkeys.kept(session, person.account_id)) < MOST_PASSKEYS
        may_bind = bearers.look(session, person, now=now).answer(Change.BIND_PASSKEY)
        return has_room and not isinstance(may_bind, NotFromHere)


def is_set_up_next(services: Services, visit: Visit, person: Person) -> bool:
    """Whether the person goes on with the set-up afterwards."""
    with services.database.reading() as session:
        now = services.clock()
        return standing.read(session, person.account_id, now=now, scene=visit.scene).is_asked
