"""The owner confirms what is provisional before its time, or rejects it, from an established passkey."""

from domain.errors import Unknown
from domain.journal import Actor, EventKind
from domain.safety.provisional import ProvisionalKind
from domain.trust import Change, Way
from services.container import Services
from services.people import bearers
from services.people.bearers import Door
from services.people.visits import Person
from store import Session
from store.people import (
    authenticator_apps,
    contact_changes,
    contacts,
    journal,
    passkeys,
    provisional,
    recovery_codes,
)
from store.people.authenticator_apps import AuthenticatorApp
from store.safety import app_removal, passkey_removal


def confirm(services: Services, person: Person, kind: ProvisionalKind, subject_id: str) -> None:
    """Establish something now. Raises Unknown, NotTrusted."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.CONFIRM, now=now)
        _require(session, door, kind, subject_id)
        match kind:
            case ProvisionalKind.PASSKEY:
                passkey = passkeys.get(session, person.account_id, subject_id)
                passkeys.establish(session, passkey, from_=now, way=Way.VOUCHED)
            case ProvisionalKind.CODES:
                recovery_codes.establish(session, person.account_id, subject_id, from_=now, way=Way.VOUCHED)
            case ProvisionalKind.AUTHENTICATOR_APP:
                app = _app(session, person, subject_id)
                authenticator_apps.establish(session, app, from_=now, way=Way.VOUCHED)
            case ProvisionalKind.EMAIL | ProvisionalKind.PHONE:
                contact_changes.establish(
                    session, contacts.get(session, subject_id), from_=now, way=Way.VOUCHED
                )
        journal.append(session, person.account_id, EventKind.CONFIRMED, at=now, actor=Actor.PERSON, what=kind)


def reject(services: Services, person: Person, kind: ProvisionalKind, subject_id: str) -> None:
    """Remove something provisional; a former contact comes back. Raises Unknown, LastRoute, NotTrusted."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.REJECT, now=now)
        _require(session, door, kind, subject_id)
        match kind:
            case ProvisionalKind.PASSKEY:
                passkey = passkeys.get(session, person.account_id, subject_id)
                passkey_removal.require_another_way(session, passkey)
                passkey_removal.carry_out(
                    session, door.account, passkey, door.bearer, at=now, actor=Actor.PERSON
                )
            case ProvisionalKind.CODES:
                recovery_codes.void_set(
                    session,
                    person.account_id,
                    subject_id,
                    at=now,
                    voided_in=person.session_id,
                    voided_as=door.bearer.assurance,
                )
            case ProvisionalKind.AUTHENTICATOR_APP:
                app = _app(session, person, subject_id)
                app_removal.require_another_way(session, app)
                app_removal.carry_out(session, door.account, app, door.bearer, at=now, actor=Actor.PERSON)
            case ProvisionalKind.EMAIL | ProvisionalKind.PHONE:
                _reject_contact(session, door, subject_id)
        journal.append(session, person.account_id, EventKind.REJECTED, at=now, actor=Actor.PERSON, what=kind)


def _require(session: Session, door: Door, kind: ProvisionalKind, subject_id: str) -> None:
    """Raise Unknown unless this is provisional, and of this account."""
    new_things = provisional.of_account(session, door.account, now=door.now)
    new_ids = {(new.kind, new.subject_id) for new in new_things}
    if (kind, subject_id) not in new_ids:
        raise Unknown("nothing provisional of that id")


def _app(session: Session, person: Person, app_id: str) -> AuthenticatorApp:
    app = authenticator_apps.find(session, person.account_id, app_id)
    if app is None:
        raise Unknown(f"no authenticator app {app_id} in this account")
    return app


def _reject_contact(session: Session, door: Door, contact_id: str) -> None:
    record = contacts.get(session, contact_id)
    former = [
        row
        for row in contacts.history(session, door.account)
        if row.ended_at == record.bound_at and row.channel == record.channel and not row.disowned_at
    ]
    if former:
        contact_changes.bring_back(session, door.account, former[-1], at=door.now)
    else:
        contact_changes.take_away(session, door.account, record, at=door.now)
