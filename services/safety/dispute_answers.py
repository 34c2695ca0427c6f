"""The owner answers an open dispute from an established passkey, and so ends it without support."""

from datetime import timedelta

from domain.errors import Unknown
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.safety.disputes import DisputeSubject
from domain.safety.objections import Outcome
from domain.trust import Assurance, Change, NotTrusted, Waits, Why
from services.container import Services
from services.people import bearers
from services.people.bearers import Door
from services.people.visits import Person
from services.safety import objections, shared_effects
from store import Session
from store.people import authenticator_apps, journal, passkeys, recovery_codes, sessions, trust
from store.people.trust import TrustedRow
from store.safety import objections as kept_objections
from store.safety.objections import Objection

FRESH = timedelta(minutes=10)
"""How long ago the passkey may have signed in that answers."""


def may_end(session: Session, door: Door, person: Person, objection: Objection) -> bool:
    """Whether a session's passkey is established, older than the disputed session, and outside its tree."""
    if door.bearer.assurance is not Assurance.HIGH or person.method is not Method.PASSKEY:
        return False
    passkey = passkeys.find_kept(session, person.account_id, person.passkey_id)
    disputed = sessions.look_up(session, objection.session_id) if objection.session_id else None
    began_at = disputed.started_at if disputed else objection.made_at
    touched = {effect.subject_id for effect in shared_effects.read_effects(objection)}
    return passkey is not None and passkey.bound_at < began_at and passkey.passkey_id not in touched


def may_answer(person: Person, door: Door, objection: Objection) -> bool:
    """Whether a lowered passkey may say for support that it was its owner."""
    return door.bearer.is_lowered and objection.answered_at is None and person.method is Method.PASSKEY


def answer(services: Services, person: Person, objection_id: str, outcome: Outcome) -> None:
    """End a dispute, or note a lowered passkey's answer. Raises Unknown, LastRoute, NotTrusted, Refused."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        objection = _of_account(session, person.account_id, objection_id)
        if sessions.get(session, person.session_id).started_at + FRESH < now:
            raise NotTrusted(Change.REJECT, Why.NEEDS_STEP_UP)
        if may_end(session, door, person, objection):
            objections.settle(
                session,
                objection_id,
                outcome=outcome,
                by="owner",
                reason="answered by an older passkey",
                at=now,
                actor=Actor.PERSON,
                spares_opener=_is_opener_older(session, door, objection),
            )
            return
        if outcome is Outcome.UPHELD or not may_answer(person, door, objection):
            raise NotTrusted(Change.REJECT, Why.DISPUTED_ROUTE)
        kept_objections.note_answer(session, objection, at=now)
        kind = EventKind.DISPUTE_ANSWERED
        journal.append(
            session, person.account_id, kind, at=now, actor=Actor.PERSON, objection_id=objection_id
        )


def _is_opener_older(session: Session, door: Door, objection: Objection) -> bool:
    """Whether the way in that opened the disputed visit is what this session may remove only after a wait."""
    account_id = objection.account_id
    for effect in shared_effects.read_effects(objection):
        if not effect.opened:
            continue
        if effect.subject is DisputeSubject.CODES:
            opener: TrustedRow | None = recovery_codes.look_up_set(session, account_id, effect.subject_id)
        elif effect.subject is DisputeSubject.AUTHENTICATOR_APP:
            opener = authenticator_apps.look_up(session, effect.subject_id)
        else:
            opener = passkeys.find_kept(session, account_id, effect.subject_id)
        if opener and isinstance(door.answer(Change.REMOVE_PASSKEY, trust.of_row(opener)), Waits):
            return True
    return False


def _of_account(session: Session, account_id: str, objection_id: str) -> Objection:
    objection = kept_objections.get(session, objection_id)
    if objection.account_id != account_id:
        raise Unknown(f"no objection {objection_id}")
    return objection
