"""What somebody who has signed in says of a recovery of their account: stop it, or let it open now."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from domain import recovery as rules
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.recovery import RecoveryRefused, RecoveryStage, StopReason
from domain.recovery_rules import ProofKind
from services.container import Services
from services.people import bearers
from services.people.bearers import Door
from services.people.visits import Person
from store import Session
from store.messages import notices
from store.people import journal
from store.safety import recoveries
from store.safety.recoveries import Recovery

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Question:
    """A recovery under way, as somebody who is signed in is asked about it."""

    begun_at: datetime
    opens_at: datetime | None
    is_open: bool
    proven: tuple[ProofKind, ...]
    may_stop: bool
    may_hasten: bool
    zone: str | None


def ask(services: Services, person: Person) -> Question | None:
    """What to ask this person; None if no recovery is under way, or this session has nothing to say about it."""
    with services.database.reading() as session:
        recovery = recoveries.under_way(session, person.account_id)
        if recovery is None or person.method.only_enrols:
            return None
        door = bearers.look(session, person, now=services.clock())
        question = _question(session, recovery, door)
    return question if question.may_stop else None


def is_asked(session: Session, door: Door) -> bool:
    """Whether a session is asked about a recovery."""
    return rules.may_stop(door.bearer) and recoveries.under_way(session, door.account.account_id) is not None


def stop(services: Services, person: Person) -> None:
    """Stop it: somebody else has asked. Does nothing if it is over. Raises RecoveryRefused."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        if not rules.may_stop(door.bearer):
            raise RecoveryRefused("this sign-in cannot stop a recovery")
        recovery = recoveries.under_way(session, person.account_id)
        if recovery is None:
            return
        recovery_id = recovery.recovery_id
        recoveries.stop(session, recovery, StopReason.REFUSED, at=now, actor=Actor.PERSON)
        notices.tell(
            session, door.account, Template.RECOVERY_STOPPED, event=recovery_id, at=now, by=door.bearer
        )
        bearers.note_change(session, person, now=now)
    log.info("recovery_stopped", account_id=person.account_id)


def hasten(services: Services, person: Person) -> None:
    """Let it open now: the owner has asked, and has an established passkey at hand. Raises RecoveryRefused."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        if not rules.may_hasten(door.bearer):
            raise RecoveryRefused("only a device that is known for long can let a recovery open at once")
        recovery = recoveries.under_way(session, person.account_id)
        if recovery is None or recovery.stage != RecoveryStage.WAITING or (recovery.opens_at or now) <= now:
            return
        recoveries.move(session, recovery, now)
        kind, number = EventKind.RECOVERY_HASTENED, recovery.number
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, number=number)
        bearers.note_change(session, person, now=now)
    log.info("recovery_hastened", account_id=person.account_id)


def _question(session: Session, recovery: Recovery, door: Door) -> Question:
    given = recoveries.proofs(session, recovery.recovery_id)
    return Question(
        begun_at=recovery.begun_at,
        opens_at=recovery.opens_at,
        is_open=recovery.stage == RecoveryStage.OPEN,
        proven=tuple(proof.kind for proof in given),
        may_stop=rules.may_stop(door.bearer),
        may_hasten=rules.may_hasten(door.bearer) and recovery.stage == RecoveryStage.WAITING,
        zone=door.account.time_zone,
    )
