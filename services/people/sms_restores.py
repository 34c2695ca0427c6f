"""Switches text-message codes on again by two proofs, which is what the guard asks for.

The session is one proof: an established passkey has opened it. A code to an established address is the other, if the
two do not go back to one root. Whoever holds a SIM alone has neither.
"""

import json
from datetime import datetime
from functools import partial

from domain.codes import new_code
from domain.errors import CodeRejected
from domain.facts import Channel
from domain.journal import Actor
from domain.messages.messages import CODE_LIFETIME, Purpose, Template
from domain.safety.guard import are_proofs
from domain.trust import Change, NotFromHere, NotTrusted, Why
from services.container import Services
from services.people import bearers, typed_codes
from services.people.bearers import Door
from services.people.visits import Person, Visit
from services.throttling import require_attempts
from store import Session
from store.journeys import sms
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import one_time_codes, trust
from store.people.contacts import KnownContact
from store.people.first_answers import SecretKind
from store.people.one_time_codes import CodePurpose, OneTimeCode


def ask(services: Services, visit: Visit, person: Person) -> bool:
    """Send a code to the account's address; False if none is needed any more. Raises NotTrusted, Throttled."""
    key = f"restore:{person.account_id}"
    require_attempts(services, codes_per_account=key, codes_per_address=visit.place)
    now, code = services.clock(), new_code()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        email = _second_proof(session, door)
        if email is None:
            return False
        row = one_time_codes.issue(
            session,
            session_id=person.session_id,
            purpose=CodePurpose.RESTORE_SMS,
            account_id=person.account_id,
            digest=services.peppers.digest(**_named(person, code)).digest,
            key_id=services.peppers.key_id,
            now=now,
        )
        messages.add(
            session, _message(door, row, email, services.seal.close(json.dumps({"code": code}))), at=now
        )
    return True


def is_expected(services: Services, person: Person) -> bool:
    """Whether this session has asked for a code."""
    with services.database.reading() as session:
        return one_time_codes.latest(session, person.session_id, CodePurpose.RESTORE_SMS) is not None


def answer(services: Services, visit: Visit, person: Person, typed: str) -> None:
    """Switch codes on again by the code. Raises CodeRejected, NotTrusted, Throttled, and Refused if they are removed.

    The session may send a right code twice within a minute.
    """
    take = partial(_take, services=services, person=person)
    typed_codes.answer(services, visit, person, typed, SecretKind.RESTORE_CODE, take)


def _take(session: Session, code: str, *, services: Services, person: Person) -> OneTimeCode | CodeRejected:
    """Restore by the code, if it is right; a refusal is returned, so that the spent try is kept."""
    now = services.clock()
    door = bearers.lock(session, person, now=now)
    pending = one_time_codes.pending(session, person.session_id, CodePurpose.RESTORE_SMS, now=now)
    digests = services.peppers.candidates(**_named(person, code))
    taken = one_time_codes.take(pending, *digests, now=now)
    if isinstance(taken, OneTimeCode):
        _require_same(_second_proof(session, door), taken)
        _restore(session, door, person, at=now)
    return taken


def _second_proof(session: Session, door: Door) -> KnownContact | None:
    """The address that proves what the session does not; None if one proof is enough now. Raises NotTrusted."""
    refusal, change = door.answer(Change.RESTORE_SMS), Change.RESTORE_SMS
    if not isinstance(refusal, NotFromHere):
        return None
    if refusal.why is not Why.NEEDS_SECOND_PROOF:
        raise NotTrusted(change, refusal.why, refusal.until)
    email = bearers.email_of(session, door.account)
    if email is None or not are_proofs(
        door.bearer, trust.counted(session, email.trust, now=door.now), door.now
    ):
        raise NotTrusted(change, Why.UNDER_GUARD, door.guard.until if door.guard else None)
    return email


def _require_same(email: KnownContact | None, code: OneTimeCode) -> None:
    """Raise NotTrusted for a code to an address that another one has taken the place of since."""
    if email is not None and email.trust.bound_at > code.made_at:
        raise NotTrusted(Change.RESTORE_SMS, Why.NEEDS_SECOND_PROOF)


def _restore(session: Session, door: Door, person: Person, *, at: datetime) -> None:
    bearers.note_change(session, person, now=at)
    account_id, reason = person.account_id, "person"
    sms.restore(session, account_id, door.bearer, at=at, actor=Actor.PERSON, reason=reason)


def _message(door: Door, code: OneTimeCode, email: KnownContact, sealed: bytes) -> NewMessage:
    return NewMessage(
        key=f"{door.account.account_id}:{Template.RESTORE_CODE}:{code.code_id}",
        account_id=door.account.account_id,
        purpose=Purpose.CODE,
        template=Template.RESTORE_CODE,
        channel=Channel.EMAIL,
        recipient=email.address,
        locale=door.account.locale,
        values={"minutes": f"{CODE_LIFETIME.total_seconds() / 60:g}"},
        sealed=sealed,
        expires_at=code.expires_at,
    )


def _named(person: Person, code: str) -> dict[str, str]:
    return {"context": f"{CodePurpose.RESTORE_SMS}:{person.session_id}", "code": code}
