"""Lets a lost device work again: at once from an established passkey, or by the device itself after a cooling-off.

Whoever holds the device proves it by a fresh ceremony, and comes in by another route, which is the one proof. All
contacts are told when the cooling-off begins, and an established passkey stops it, so that a thief of the device gains
nothing but a wait in which the owner hears of it.
"""

from datetime import datetime

import structlog

from domain.errors import CeremonyRejected, Refused
from domain.facts import Channel, Method
from domain.journal import Actor
from domain.passkeys import Assertion, is_overtaken, suspicion
from domain.trust import Change, NotTrusted, Why
from services.ceremonies import known_credentials, require_owner
from services.container import Services
from services.people import bearers, passkey_holds, waiting_notices
from services.people.bearers import Door
from services.people.passkey_sign_in import take_challenge
from services.people.visits import Person, Visit
from services.throttling import require_attempts
from store import Session
from store.people import (
    authenticator_apps,
    challenges,
    contacts,
    held_passkeys,
    passkeys,
    recovery_codes,
    sessions,
    trust,
    waiting_changes,
)
from store.people.challenges import Ceremony
from store.people.passkeys import Passkey
from store.people.trust import TrustedRow
from store.safety import passkey_release

log = structlog.get_logger()


def release(services: Services, person: Person, passkey_id: str) -> None:
    """Let a lost device work again at once, from an established passkey. Raises Unknown, NotTrusted."""
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.RELEASE_PASSKEY, now=now)
        if door.account.disputed_since:
            raise Refused("a passkey on hold is not released before the dispute is settled")
        passkey = held_passkeys.get_lost(session, person.account_id, passkey_id)
        passkey_release.carry_out(session, door.account, passkey, door.bearer, at=now, actor=Actor.PERSON)
    log.info("passkey_released", account_id=person.account_id, passkey_id=passkey_id)


def may_ask(session: Session, door: Door, person: Person) -> bool:
    """Whether the device itself could be taken off hold from this session, after a cooling-off."""
    refusal = door.answer(Change.RELEASE_PASSKEY)
    return getattr(refusal, "why", None) is Why.NEEDS_DEVICE and _is_proof(session, door, person)


def options(services: Services, visit: Visit, person: Person, passkey_id: str) -> str:
    """Ask for the lost device. Returns the options as JSON. Raises Throttled, Unknown, NotTrusted."""
    require_attempts(services, ceremonies_per_address=visit.place)
    now = services.clock()
    with services.database.transaction() as session:
        _require(session, bearers.look(session, person, now=now), person)
        lost = held_passkeys.get_lost(session, person.account_id, passkey_id)
        request_options = services.passkeys.authentication_options(allow=known_credentials([lost]))
        challenge = request_options.challenge
        challenges.issue(session, person.session_id, Ceremony.AUTHENTICATION, challenge, now=now)
    return request_options.json


def ask(services: Services, visit: Visit, person: Person, passkey_id: str, credential: str) -> None:
    """Begin the cooling-off by the device's own answer (JSON). Raises CeremonyRejected, Unknown, NotTrusted."""
    challenge = services.passkeys.answered_challenge(credential)
    asked_at = take_challenge(services, visit, Ceremony.AUTHENTICATION, challenge)
    claim, now = services.passkeys.claim(credential), services.clock()
    with services.database.reading() as session:
        lost = held_passkeys.get_lost(session, person.account_id, passkey_id)
    if claim.credential_id != lost.credential_id:
        raise CeremonyRejected("other_device")
    require_owner(claim, owner=lost.account_id, handle=lost.account_id, only=person.account_id)
    assertion = services.passkeys.verify_authentication(
        credential=credential, expected_challenge=challenge, public_key=lost.public_key
    )
    with services.database.transaction() as session:
        door = bearers.lock(session, person, now=now)
        _require(session, door, person)
        passkey = held_passkeys.get_lost(session, person.account_id, passkey_id)
        _require_in_time(session, passkey, assertion, asked_at=asked_at)
        is_copy = _is_copy(session, door, passkey, assertion)
        if not is_copy:
            _begin(session, door, person, passkey)
    if is_copy:
        raise CeremonyRejected("passkey_held")


def _require(session: Session, door: Door, person: Person) -> None:
    """Raise NotTrusted unless the device itself is what is missing, and the session's route is a proof."""
    refusal = door.answer(Change.RELEASE_PASSKEY)
    why = getattr(refusal, "why", Why.NEEDS_DEVICE)
    if why is not Why.NEEDS_DEVICE:
        raise NotTrusted(Change.RELEASE_PASSKEY, why)
    if not _is_proof(session, door, person):
        raise NotTrusted(Change.RELEASE_PASSKEY, Why.NEEDS_STEP_UP)


def _is_proof(session: Session, door: Door, person: Person) -> bool:
    """Whether the session came in by an established route or contact."""
    if person.method is Method.SMS:
        phone = contacts.present(session, door.account).get(Channel.SMS)
        counted = trust.counted(session, phone.trust, now=door.now) if phone else None
        return counted is not None and counted.is_established(door.now)
    if person.method is Method.RECOVERY_CODE:
        set_id = sessions.get(session, person.session_id).set_id or ""
        code = recovery_codes.find_of_set(session, person.account_id, set_id)
        return code is not None and _is_established(session, code, door.now)
    if person.method is Method.AUTHENTICATOR_APP:
        app = authenticator_apps.find(
            session, person.account_id, sessions.get(session, person.session_id).app_id
        )
        return app is not None and _is_established(session, app, door.now)
    return False


def _is_established(session: Session, row: TrustedRow, now: datetime) -> bool:
    return trust.counted(session, trust.of_row(row), now=now).is_established(now)


def _require_in_time(session: Session, passkey: Passkey, assertion: Assertion, *, asked_at: datetime) -> None:
    """Raise CeremonyRejected for an answer that comes after a newer one, by which the cooling-off has begun."""
    began = waiting_changes.begun(session, passkey.account_id, Change.RELEASE_PASSKEY)
    begun_at = began.get(passkey.passkey_id)
    if is_overtaken(
        kept_count=passkey.sign_count, assertion=assertion, asked_at=asked_at, last_used_at=begun_at
    ):
        raise CeremonyRejected("overtaken")


def _is_copy(session: Session, door: Door, passkey: Passkey, assertion: Assertion) -> bool:
    """Whether the device behaved as only a copy would: then support looks, and its owner alone cannot release it."""
    oddity = suspicion(
        kept_count=passkey.sign_count, kept_eligible=passkey.backup_eligible, assertion=assertion
    )
    if oddity is None:
        passkeys.note_state(session, passkey, assertion)
        return False
    return passkey_holds.suspect(session, door.account, passkey, oddity, at=door.now)


def _begin(session: Session, door: Door, person: Person, passkey: Passkey) -> None:
    until = door.now + door.policy.cooling_off
    change, passkey_id = Change.RELEASE_PASSKEY, passkey.passkey_id
    if passkey_id in waiting_changes.subjects(session, person.account_id, change):
        return  # it keeps its moment, and has been told
    bearers.note_change(session, person, now=door.now)
    waiting_changes.ask(
        session,
        person.account_id,
        change,
        passkey_id,
        session_id=person.session_id,
        at=door.now,
        due_at=until,
    )
    waiting_notices.tell(session, door, change, until=until)
