"""What an owner switches on the account page: text-message codes on again, and everybody else signed out."""

from domain.journal import Actor, EventKind
from domain.trust import Assurance, Change
from services.container import Services
from services.people import bearers
from services.people.visits import Person
from store.journeys import sms
from store.people import journal, sessions


def restore_sms(services: Services, person: Person) -> None:
    """Switch text-message codes on again, at once. Raises NotTrusted, and Refused when they were removed for good."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.RESTORE_SMS, now=now)
        sms.restore(session, person.account_id, door.bearer, at=now, actor=Actor.PERSON, reason="person")


def sign_out_everywhere(services: Services, person: Person) -> None:
    """End the account's sessions, this one too; a session that is not `high` ends no session that is trusted more.

    Raises NotTrusted.
    """
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.SIGN_OUT_OTHERS, now=now)
        if door.bearer.assurance is Assurance.HIGH or not door.guarded:
            sessions.end_all(session, person.account_id, at=now)
        else:
            sessions.end_these(session, bearers.no_more_trusted(session, door), at=now)
        kind = EventKind.SIGNED_OUT
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, everywhere=True)
