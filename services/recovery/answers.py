"""What somebody who has signed in says of recoveries of their account: stop one, or let it open now."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from domain import recovery as rules
from domain.facts import Channel, Method
from domain.journal import Actor, EventKind
from domain.journal_details import CaseDetail
from domain.messages.messages import Template
from domain.recovery import RecoveryRefused, RecoveryStage, StopReason
from domain.recovery_rules import ProofKind
from domain.trust import Assurance
from services.container import Services
from services.people import bearers
from services.people.bearers import Door
from services.people.visits import Person
from store import Session
from store.messages import notices
from store.people import authenticator_apps, contacts, journal, recovery_codes, sessions, trust
from store.safety import recoveries, recovery_notices
from store.safety.recoveries import Recovery

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A recovery under way, as somebody who is signed in is asked about it."""

    number: int
    opens_at: datetime | None
    is_open: bool
    proven: tuple[ProofKind, ...]
    may_hasten: bool


@dataclass(frozen=True, kw_only=True)
class Questions:
    """All recoveries under way; without `may_answer` this sign-in has nothing to say about them."""

    requests: tuple[Asked, ...]
    may_answer: bool
    zone: str | None


def ask(services: Services, person: Person) -> Questions:
    """What to ask this person."""
    with services.database.reading() as session:
        door = bearers.look(session, person, now=services.clock())
        under_way = recoveries.under_way(session, person.account_id)
        return Questions(
            requests=tuple(_asked(session, recovery, door) for recovery in under_way),
            may_answer=_may_stop(session, door, person),
            zone=door.account.time_zone,
        )


def is_asked(session: Session, door: Door, person: Person) -> bool:
    """Whether a session is asked about a recovery."""
    is_any = recoveries.is_any_under_way(session, door.account.account_id)
    return is_any and _may_stop(session, door, person)


def stop(services: Services, person: Person, number: int) -> None:
    """Stop one: somebody else has asked. Does nothing if it is over. Raises RecoveryRefused.

    A stop by less than an established passkey may be a thief's, who keeps the owner out: support has a look.
    """
    now, account_id = services.clock(), person.account_id
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        if not _may_stop(session, door, person):
            raise RecoveryRefused("this sign-in cannot stop a recovery")
        recovery = _find(session, account_id, number)
        if recovery is None:
            return
        recovery_id = recovery.recovery_id
        recoveries.stop(session, recovery, StopReason.REFUSED, at=now, actor=Actor.PERSON)
        notices.tell(
            session, door.account, Template.RECOVERY_STOPPED, event=recovery_id, at=now, by=door.bearer
        )
        if door.bearer.assurance is not Assurance.HIGH:
            case, kind = CaseDetail(reason="recovery_stopped"), EventKind.SUPPORT_CASE
            journal.append(session, account_id, kind, case, at=now, actor=Actor.PERSON)
        bearers.note_change(session, person, now=now)
    log.info("recovery_stopped", account_id=account_id)


def hasten(services: Services, person: Person, number: int) -> None:
    """Let one open now: the owner has asked, and has an established passkey at hand. Raises RecoveryRefused."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        if not rules.may_hasten(door.bearer):
            raise RecoveryRefused("only a device that is known for long can let a recovery open at once")
        recovery = _find(session, person.account_id, number)
        if recovery is None or recovery.stage != RecoveryStage.WAITING or (recovery.opens_at or now) <= now:
            return
        recoveries.move(session, recovery, now)
        recovery_notices.tell(session, door.account, recovery, at=now)
        kind = EventKind.RECOVERY_HASTENED
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, number=number)
        bearers.note_change(session, person, now=now)
    log.info("recovery_hastened", account_id=person.account_id)


def _find(session: Session, account_id: str, number: int) -> Recovery | None:
    under_way = recoveries.under_way(session, account_id)
    return next((recovery for recovery in under_way if recovery.number == number), None)


def _may_stop(session: Session, door: Door, person: Person) -> bool:
    return rules.may_stop(door.bearer) and _came_by_what_is_established(session, door, person)


def _came_by_what_is_established(session: Session, door: Door, person: Person) -> bool:
    """Whether the route that opened a session is one that may change others."""
    account_id, now = person.account_id, door.now
    opened = sessions.get(session, person.session_id)
    match person.method:
        case Method.SMS:
            phone = contacts.present(session, door.account).get(Channel.SMS)
            return phone is not None and phone.trust.is_established(now)
        case Method.RECOVERY_CODE:
            code = recovery_codes.look_up_set(session, account_id, opened.set_id or "")
            return code is not None and trust.of_row(code).is_established(now)
        case Method.AUTHENTICATOR_APP:
            app = authenticator_apps.look_up(session, opened.app_id or "")
            return app is not None and trust.of_row(app).is_established(now)
        case _:
            return True


def _asked(session: Session, recovery: Recovery, door: Door) -> Asked:
    given = recoveries.proofs(session, recovery.recovery_id)
    return Asked(
        number=recovery.number,
        opens_at=recovery.opens_at,
        is_open=recovery.stage == RecoveryStage.OPEN,
        proven=tuple(proof.kind for proof in given),
        may_hasten=rules.may_hasten(door.bearer) and recovery.stage == RecoveryStage.WAITING,
    )
