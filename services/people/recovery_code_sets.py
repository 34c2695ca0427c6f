"""Makes recovery codes, checks a code that was typed back, and signs in by a code."""

from dataclasses import replace
from datetime import datetime

import structlog

from domain.codes import (
    ENDING,
    RECOVERY_CODES,
    is_any,
    is_ending,
    new_number_in_set,
    new_recovery_code,
    plain_recovery_code,
)
from domain.errors import CodeRejected
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.messages.messages import Template
from domain.trust import Change, Root, Trust
from services.container import Services
from services.people import bearers
from services.people.admission import Admission, Destination, admit
from services.people.bearers import Door
from services.people.contact_codes import CodeDoor, enter_by_code
from services.people.contacts import Contact
from services.people.visits import Opening, Person, Visit
from services.throttling import require_attempts
from store import Session
from store.messages import notices
from store.people import accounts, journal, passkeys, recovery_codes, trust, waiting_changes
from store.people.first_answers import SecretKind
from store.people.recovery_codes import AskedBack, RecoveryCode

log = structlog.get_logger()


def make(services: Services, person: Person) -> list[str]:
    """Make a set of codes, to be shown once. Older sets work until a code of the new one is typed back, or longer.

    Raises NotTrusted.
    """
    now = services.clock()
    with services.database.transaction() as session:
        door = bearers.open_(session, person, Change.MAKE_CODES, now=now)
        new_trust, waits = bearers.bind(session, door)
        return _make(session, services, person, door, new_trust, waits)


def make_recovered(session: Session, services: Services, person: Person) -> list[str]:
    """Make a set after a recovery, by the passkey that it has made; the set is trusted as that passkey is."""
    door = bearers.lock(session, person, now=services.clock())
    passkey = passkeys.get(session, person.account_id, person.passkey_id or "")
    new_trust = replace(trust.of_row(passkey), bound_at=door.now)
    return _make(session, services, person, door, new_trust, {})


def _make(
    session: Session,
    services: Services,
    person: Person,
    door: Door,
    new_trust: Trust,
    waits: dict[str, str],
) -> list[str]:
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    digests = [services.peppers.digest(**_named(person.account_id, code)).digest for code in codes]
    number, now = new_number_in_set(len(codes)), door.now
    ending = services.peppers.digest(**_ending(person.account_id, codes[number - 1])).digest
    set_id = recovery_codes.make(
        session,
        person.account_id,
        digests,
        new_trust,
        bound_in=person.session_id,
        key_id=services.peppers.key_id,
        asked_code=AskedBack(number_in_set=number, ending=ending),
    )
    # Codes open the account from now on, whether or not one is ever typed back.
    values, by = {"set_id": set_id} | waits, door.bearer
    template = Template.RECOVERY_CODES_MADE
    notices.tell(session, door.account, template, event=set_id, at=now, values=values, by=by)
    kind = EventKind.RECOVERY_CODES_MADE
    journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON, codes=len(codes))
    log.info("recovery_codes_made", account_id=person.account_id)
    return codes


def prove(services: Services, person: Person, typed: str) -> None:
    """Check the last four letters of the code that is asked for, or a whole code of any set; it stays unused.

    It proves that the person keeps the set. Raises CodeRejected, Throttled.
    """
    if is_ending(typed):
        require_attempts(services, code_endings_per_account=person.account_id)
    else:
        require_attempts(services, long_codes_per_address=f"session:{person.session_id}")
    now = services.clock()
    with services.database.transaction() as session:
        accounts.lock(session, person.account_id)
        code = _typed_back(session, services, person.account_id, typed)
        if code is None:
            raise CodeRejected(tries_left=0)
        if code.proven_at:
            return
        recovery_codes.prove(session, code, at=now)
        _succeed(session, person, code, now=now)
        kind = EventKind.RECOVERY_CODES_PROVEN
        journal.append(session, person.account_id, kind, at=now, actor=Actor.PERSON)


def _typed_back(session: Session, services: Services, account_id: str, typed: str) -> RecoveryCode | None:
    if not is_ending(typed):
        return recovery_codes.find(session, account_id, *_digests(services, account_id, typed))
    code = recovery_codes.find_asked(session, account_id)
    is_right = (
        code
        and code.ending
        and is_any(code.ending, services.peppers.candidates(**_ending(account_id, typed)))
    )
    return code if is_right else None


def _succeed(session: Session, person: Person, code: RecoveryCode, *, now: datetime) -> None:
    """Void the account's other sets, but not before this one is trusted as much as they are.

    Sets that are older than the root of the new set go only after a cooling-off, and only if the new set is established
    by then.
    """
    new_trust, door = trust.of_row(code), bearers.look(session, person, now=now)
    for other in recovery_codes.other_sets(session, person.account_id, code.set_id):
        is_younger = new_trust.root is Root.HOST or other.made_at >= new_trust.rooted_at
        if is_younger and (new_trust.is_established(now) or not trust.of_row(other).is_established(now)):
            recovery_codes.void_set(
                session,
                person.account_id,
                other.set_id,
                at=now,
                voided_in=person.session_id,
                voided_as=door.bearer.assurance,
            )
            continue
        waiting_changes.ask(
            session,
            person.account_id,
            Change.MAKE_CODES,
            other.set_id,
            session_id=code.bound_in,
            at=now,
            due_at=now + door.policy.cooling_off,
        )


def sign_in(services: Services, visit: Visit, contact: Contact, typed: str) -> Admission:
    """Sign in by a recovery code, and use it up. Raises CodeRejected, Throttled."""

    def knows(session: Session, account_id: str) -> bool:
        return recovery_codes.is_known(session, account_id, *_digests(services, account_id, typed))

    def use(session: Session, account_id: str) -> Admission | None:
        code = recovery_codes.find(session, account_id, *_digests(services, account_id, typed))
        return _use(session, services, visit, code) if code else None

    door = CodeDoor(method=Method.RECOVERY_CODE, kind=SecretKind.RECOVERY_CODE, knows=knows, use=use)
    return enter_by_code(services, visit, contact, typed, door)


def _use(session: Session, services: Services, visit: Visit, code: RecoveryCode) -> Admission:
    account_id, now = code.account_id, services.clock()
    recovery_codes.use(session, code, at=now)
    codes_left, _ = recovery_codes.left(session, account_id)
    kind = EventKind.RECOVERY_CODE_USED
    journal.append(session, account_id, kind, at=now, actor=Actor.PERSON, codes_left=codes_left)
    opening = Opening(
        account_id=account_id,
        method=Method.RECOVERY_CODE,
        root=Root(code.root),
        rooted_at=code.rooted_at,
        set_id=code.set_id,
    )
    admission = admit(session, services, visit, opening)
    account, values = accounts.get(session, account_id), {"left": str(codes_left), "set_id": code.set_id}
    notices.tell(
        session,
        account,
        Template.RECOVERY_CODE_USED,
        event=code.code_id,
        at=now,
        values=values,
        by=bearers.of_admission(opening, admission),
    )
    has_devices = bool(passkeys.kept(session, account_id))
    if not has_devices:
        return admission
    return admission.towards(Destination.ASK_FOR_LOSS)


def _digests(services: Services, account_id: str, typed: str) -> tuple[str, ...]:
    """What the code that was typed may be kept as."""
    return services.peppers.candidates(**_named(account_id, typed))


def _named(account_id: str, code: str) -> dict[str, str]:
    return {"context": f"recovery:{account_id}", "code": plain_recovery_code(code)}


def _ending(account_id: str, code: str) -> dict[str, str]:
    return {"context": f"recovery-ending:{account_id}", "code": plain_recovery_code(code)[-ENDING:]}
