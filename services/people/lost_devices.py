"""Puts a lost device on hold by two fresh proofs.

The session is one proof, a code to an established address is the other. They count as two only if they do not go back
to one root, and only while a way in remains that is neither of them: else a SIM and a mailbox could shut the owner
out.
"""

import json
from functools import partial

import structlog

from domain.codes import new_code
from domain.errors import CodeRejected, LastRoute
from domain.facts import Channel, Method
from domain.journal import Actor, EventKind
from domain.messages.messages import CODE_LIFETIME, Purpose, Template
from domain.safety.routes import Route, proven_routes
from domain.trust import Change, NotTrusted, Why, are_two_proofs
from services.container import Services
from services.people import bearers, typed_codes
from services.people.bearers import Door
from services.people.visits import Person, Visit
from services.throttling import require_attempts
from store import Session
from store.journeys import facts
from store.messages import messages, notices
from store.messages.messages import NewMessage
from store.people import held_passkeys, journal, lineage, one_time_codes, passkeys, sessions
from store.people.contacts import KnownContact
from store.people.first_answers import SecretKind
from store.people.one_time_codes import CodePurpose, OneTimeCode
from store.people.passkeys import Passkey

log = structlog.get_logger()


def ask(services: Services, visit: Visit, person: Person, passkey_id: str) -> None:
    """Send a code to the account's address. Raises Unknown, NotTrusted, LastRoute, Throttled."""
    key = f"hold:{person.account_id}"
    require_attempts(services, codes_per_account=key, codes_per_address=visit.place)
    now, code = services.clock(), new_code()
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        email = _second_proof(session, door)
        passkey = passkeys.get(session, person.account_id, passkey_id)
        _require_third_way(session, person, passkey)
        row = one_time_codes.issue(
            session,
            session_id=person.session_id,
            purpose=CodePurpose.HOLD_PASSKEY,
            account_id=person.account_id,
            digest=services.peppers.digest(**_named(person, code)).digest,
            key_id=services.peppers.key_id,
            subject=passkey_id,
            now=now,
        )
        sealed = services.seal.close(json.dumps({"code": code}))
        messages.add(session, _message(door, row, email, passkey, sealed), at=now)


def is_expected(services: Services, person: Person) -> bool:
    """Whether this session has asked for a code."""
    with services.database.reading() as session:
        return one_time_codes.latest(session, person.session_id, CodePurpose.HOLD_PASSKEY) is not None


def answer(services: Services, visit: Visit, person: Person, typed: str) -> None:
    """Hold the device by the code. Raises CodeRejected, Unknown, NotTrusted, LastRoute, Throttled.

    The session may send a right code twice within a minute.
    """
    take = partial(_take, services=services, person=person)
    typed_codes.answer(services, visit, person, typed, SecretKind.HOLD_CODE, take)


def _take(session: Session, code: str, *, services: Services, person: Person) -> OneTimeCode | CodeRejected:
    """Hold the device by the code, if it is right; a refusal is returned, so that the spent try is kept."""
    now = services.clock()
    door = bearers.lock(session, person, now=now)
    pending = one_time_codes.pending(session, person.session_id, CodePurpose.HOLD_PASSKEY, now=now)
    digests = services.peppers.candidates(**_named(person, code))
    taken = one_time_codes.take(pending, *digests, now=now)
    if isinstance(taken, OneTimeCode):
        _second_proof(session, door)
        _hold(session, door, person, passkeys.get(session, person.account_id, taken.subject))
    return taken


def _second_proof(session: Session, door: Door) -> KnownContact:
    """The address that proves what the session does not. Raises NotTrusted if there is none, or it is not needed."""
    refusal = door.answer(Change.HOLD_PASSKEY)
    why = getattr(refusal, "why", None)
    if why is not Why.NEEDS_TWO_PROOFS:
        raise NotTrusted(Change.HOLD_PASSKEY, why or Why.NOTHING_ESTABLISHED)
    email = bearers.email_of(session, door.account)
    is_proof = email is not None and email.trust.is_established(door.now)
    if email is None or not is_proof or not are_two_proofs(door.bearer.root, email.trust.root):
        raise NotTrusted(Change.HOLD_PASSKEY, Why.NEEDS_STEP_UP)
    return email


def _require_third_way(session: Session, person: Person, passkey: Passkey) -> None:
    """Raise LastRoute unless a proven way in remains that is not among the proofs."""
    account_facts = facts.read(session, person.account_id)
    others = [
        other
        for other in passkeys.active(session, person.account_id)
        if other.passkey_id != passkey.passkey_id and other.last_used_at
    ]
    routes = proven_routes(account_facts)
    is_sms_left = not person.came_by_sms and Route.SMS in routes
    are_codes_left = person.method is not Method.RECOVERY_CODE and Route.RECOVERY_CODE in routes
    is_app_left = person.method is not Method.AUTHENTICATOR_APP and Route.AUTHENTICATOR_APP in routes
    if not (others or is_sms_left or are_codes_left or is_app_left):
        raise LastRoute("no way into the account would remain but the two that asked for this")


def _hold(session: Session, door: Door, person: Person, passkey: Passkey) -> None:
    _require_third_way(session, person, passkey)
    now, passkey_id, name = door.now, passkey.passkey_id, passkey.name
    held_passkeys.hold_as_lost(session, passkey, at=now, held_in=person.session_id)
    sessions.end_these(session, lineage.of_passkey(session, passkey).session_ids, at=now)
    sessions.end_of_passkey(session, passkey_id, at=now)
    bearers.note_change(session, person, now=now)
    kind, account_id = EventKind.PASSKEY_HELD, person.account_id
    journal.append(
        session, account_id, kind, at=now, actor=Actor.PERSON, passkey_id=passkey_id, reason="lost"
    )
    values, event = {"device": name, "passkey_id": passkey_id}, f"{passkey_id}-{now:%Y%m%d%H%M%S}"
    template = Template.PASSKEY_LOST
    notices.tell(session, door.account, template, event=event, at=now, values=values, by=door.bearer)
    log.info("passkey_lost", account_id=account_id, passkey_id=passkey_id)


def _message(
    door: Door, code: OneTimeCode, email: KnownContact, passkey: Passkey, sealed: bytes
) -> NewMessage:
    return NewMessage(
        key=f"{door.account.account_id}:{Template.HOLD_CODE}:{code.code_id}",
        account_id=door.account.account_id,
        purpose=Purpose.CODE,
        template=Template.HOLD_CODE,
        channel=Channel.EMAIL,
        recipient=email.address,
        locale=door.account.locale,
        values={"device": passkey.name, "minutes": f"{CODE_LIFETIME.total_seconds() / 60:g}"},
        sealed=sealed,
        expires_at=code.expires_at,
    )


def _named(person: Person, code: str) -> dict[str, str]:
    return {"context": f"{CodePurpose.HOLD_PASSKEY}:{person.session_id}", "code": code}
