"""The owner confirms what is provisional before its time, or rejects it, from an established passkey."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import Unknown
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.trust import Change, Trust, Way
from services.container import Services
from services.people import bearers
from services.people.bearers import Door
from services.people.visits import Person
from store import Session
from store.people import contacts, journal, passkeys, recovery_codes, trust
from store.safety import passkey_removal


class ProvisionalKind(StrEnum):
    """What can be provisional."""

    PASSKEY = "passkey"
    CODES = "codes"
    EMAIL = "email"


@dataclass(frozen=True, kw_only=True)
class Provisional:
    """One provisional route or contact: its name for its owner, and from when it is established by itself."""

    kind: ProvisionalKind
    subject_id: str
    name: str
    trust: Trust

    @property
    def established_from(self) -> datetime | None:
        """When it becomes established by itself; None if that is not known, or never."""
        return self.trust.established_from


def provisional(session: Session, account_id: str, door: Door) -> list[Provisional]:
    """What of the account is provisional now."""
    new_things = [
        Provisional(
            kind=ProvisionalKind.PASSKEY, subject_id=row.passkey_id, name=row.name, trust=trust.of_row(row)
        )
        for row in passkeys.active(session, account_id)
    ]
    new_things += [
        Provisional(
            kind=ProvisionalKind.CODES, subject_id=row.set_id, name="Recovery codes", trust=trust.of_row(row)
        )
        for row in recovery_codes.other_sets(session, account_id, "")
    ]
    email = contacts.present(session, door.account).get(Channel.EMAIL)
    if email and email.contact_id:
        new_things.append(
            Provisional(
                kind=ProvisionalKind.EMAIL,
                subject_id=email.contact_id,
                name="E-mail address",
                trust=email.trust,
            )
        )
    return [new for new in new_things if not new.trust.is_established(door.now)]


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
            case ProvisionalKind.EMAIL:
                contacts.establish(session, contacts.get(session, subject_id), from_=now, way=Way.VOUCHED)
        journal.append(session, person.account_id, EventKind.CONFIRMED, at=now, actor=Actor.PERSON, what=kind)


def reject(services: Services, person: Person, kind: ProvisionalKind, subject_id: str) -> None:
    """Remove something provisional; a former address comes back. Raises Unknown, LastRoute, NotTrusted."""
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
                    session, person.account_id, subject_id, at=now, voided_in=person.session_id
                )
            case ProvisionalKind.EMAIL:
                _reject_email(session, door, subject_id)
        journal.append(session, person.account_id, EventKind.REJECTED, at=now, actor=Actor.PERSON, what=kind)


def _require(session: Session, door: Door, kind: ProvisionalKind, subject_id: str) -> None:
    """Raise Unknown unless this is provisional, and of this account."""
    account_id = door.account.account_id
    new_ids = {(new.kind, new.subject_id) for new in provisional(session, account_id, door)}
    if (kind, subject_id) not in new_ids:
        raise Unknown("nothing provisional of that id")


def _reject_email(session: Session, door: Door, contact_id: str) -> None:
    record = contacts.get(session, contact_id)
    former = [row for row in contacts.history(session, door.account) if row.ended_at == record.bound_at]
    if former:
        contacts.bring_back(session, door.account, former[-1], at=door.now)
    else:
        contacts.take_away(session, door.account, record, at=door.now)
