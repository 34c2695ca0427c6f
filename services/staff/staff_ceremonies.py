"""Passkey ceremonies of staff: to sign in, to step up, and to bind a passkey. Challenges and keys are staff's own."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from domain.codes import digest
from domain.errors import CeremonyRejected
from domain.passkeys import Assertion, NewPasskey, is_overtaken, suspicion
from domain.staff.staff import AuditKind
from providers.passkeys import STAFF_HANDLE, Options, Signals
from services.ceremonies import known_credentials, require_owner, take_challenge
from services.container import Services
from services.staff.staff_visits import SignedMember, StaffVisit, anchor, author, enter
from services.throttling import require_attempts
from store import Session
from store.staff import audit, staff, staff_passkeys, staff_sessions
from store.staff.staff import StaffMember
from store.staff.staff_passkeys import StaffPasskey
from store.staff.staff_sessions import StaffCeremony

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class _Key:
    """The passkey on record that a browser's answer names, and when the answer was asked for.

    A removed one opens nothing, and is told so.
    """

    staff_id: str
    public_key: bytes
    is_removed: bool
    asked_at: datetime


def ask_to_sign_in(services: Services, visit: StaffVisit) -> tuple[str, Options]:
    """Ask for any passkey of staff. Returns the browser's token too. Raises Throttled."""
    require_attempts(services, staff_per_address=visit.address)
    request_options = services.passkeys.authentication_options()
    with services.database.transaction() as session:
        token = anchor(session, services, visit)
        _ask(session, services, digest(token), StaffCeremony.SIGN_IN, request_options)
    return token, request_options


def sign_in(services: Services, visit: StaffVisit, credential: str) -> str:
    """Sign in by a browser's answer (JSON); returns the new session's token. Raises CeremonyRejected."""
    key, assertion = _verified(services, visit, credential, StaffCeremony.SIGN_IN)
    with services.database.transaction() as session:
        member = _still_there(session, key.staff_id)
        passkey = _used(session, services, assertion, asked_at=key.asked_at)
        token = enter(session, services, visit, member, passkey_id=passkey.passkey_id)
        audit.append(
            session,
            author(member, visit),
            AuditKind.SIGNED_IN,
            at=services.clock(),
            passkey_id=passkey.passkey_id,
        )
    log.info("staff_signed_in", staff_id=key.staff_id)
    return token


def ask_to_step_up(services: Services, visit: StaffVisit, signed: SignedMember) -> Options:
    """Ask for one of this member's passkeys. Raises Throttled, and CeremonyRejected if there is none."""
    require_attempts(services, staff_per_address=visit.address)
    with services.database.transaction() as session:
        own = known_credentials(staff_passkeys.active(session, signed.staff_id))
        if not own:
            raise CeremonyRejected("no_passkey_yet")
        request_options = services.passkeys.authentication_options(allow=own)
        _ask(session, services, signed.session_id, StaffCeremony.STEP_UP, request_options)
    return request_options


def step_up(services: Services, visit: StaffVisit, signed: SignedMember, credential: str) -> None:
    """Note that the member has shown again who they are. Raises CeremonyRejected."""
    key, assertion = _verified(services, visit, credential, StaffCeremony.STEP_UP, only=signed.staff_id)
    with services.database.transaction() as session:
        member = _still_there(session, signed.staff_id)
        _used(session, services, assertion, asked_at=key.asked_at)
        now = services.clock()
        staff_sessions.step_up(session, signed.session_id, at=now)
        audit.append(session, author(member, visit), AuditKind.STEPPED_UP, at=now)


def ask_for_first(services: Services, visit: StaffVisit, invitation: str) -> tuple[str, Options]:
    """Ask an invited member for a passkey. Returns the browser's token too. Raises Throttled, LinkRejected."""
    require_attempts(services, staff_per_address=visit.address)
    with services.database.transaction() as session:
        member = staff.look(session, invitation, now=services.clock())
        token = anchor(session, services, visit)
        return token, _ask_for_new(session, services, digest(token), member)


def bind_first(services: Services, visit: StaffVisit, invitation: str, credential: str) -> str:
    """Bind an invited member's passkey (JSON), and use the invitation up. Returns the new session's token.

    Raises CeremonyRejected, LinkRejected; an invitation that was good stays so.
    """
    new = _new(services, visit, credential)
    with services.database.transaction() as session:
        now = services.clock()
        member = staff.join(session, invitation, now=now)
        passkey = _bind(session, services, visit, member, new)
        audit.append(session, author(member, visit), AuditKind.JOINED, at=now, passkey_id=passkey.passkey_id)
        return enter(session, services, visit, member, passkey_id=passkey.passkey_id)


def ask_for_another(services: Services, visit: StaffVisit, signed: SignedMember) -> Options:
    """Ask this browser for one more passkey. Raises Throttled, CeremonyRejected."""
    require_attempts(services, staff_per_address=visit.address)
    with services.database.transaction() as session:
        _require_own_passkeys(session, signed)
        member = _still_there(session, signed.staff_id)
        return _ask_for_new(session, services, signed.session_id, member)


def bind_another(services: Services, visit: StaffVisit, signed: SignedMember, credential: str) -> None:
    """Keep one more passkey (JSON). Raises CeremonyRejected."""
    new = _new(services, visit, credential)
    with services.database.transaction() as session:
        _require_own_passkeys(session, signed)
        member = _still_there(session, signed.staff_id)
        passkey = _bind(session, services, visit, member, new)
        audit.append(
            session,
            author(member, visit),
            AuditKind.PASSKEY_ADDED,
            at=services.clock(),
            passkey_id=passkey.passkey_id,
        )


def signals(services: Services, signed: SignedMember) -> Signals | None:
    """The passkeys that are accepted of a member, for their browser; None while a new one may be under way."""
    now = services.clock()
    with services.database.reading() as session:
        if staff_sessions.is_registering(session, signed.staff_id, now=now):
            return None
        accepted = staff_passkeys.active(session, signed.staff_id)
        return services.passkeys.signals(
            account_id=STAFF_HANDLE + signed.staff_id,
            label=_label(signed.address),
            accepted=[passkey.credential_id for passkey in accepted],
        )


def _label(address: str) -> str:
    return f"{address} (console)"


def _ask(
    session: Session, services: Services, session_id: str, ceremony: StaffCeremony, options: Options
) -> None:
    staff_sessions.ask(session, session_id, ceremony, options.challenge, now=services.clock())


def _ask_for_new(session: Session, services: Services, session_id: str, member: StaffMember) -> Options:
    creation_options = services.passkeys.registration_options(
        account_id=STAFF_HANDLE + member.staff_id,
        label=_label(member.address),
        exclude=known_credentials(staff_passkeys.active(session, member.staff_id)),
    )
    _ask(session, services, session_id, StaffCeremony.REGISTRATION, creation_options)
    return creation_options


def _take(
    services: Services, visit: StaffVisit, ceremony: StaffCeremony, credential: str
) -> tuple[bytes, datetime]:
    """The challenge that an answer names, used up by this call, and when it was asked for."""
    answered = services.passkeys.answered_challenge(credential)
    take = partial(staff_sessions.take, ceremony=ceremony, challenge=answered, now=services.clock())
    try:
        return answered, take_challenge(services, visit.session_id, take)
    except CeremonyRejected as stale:
        if visit.signed and ceremony is StaffCeremony.SIGN_IN:
            raise CeremonyRejected("at_console_already") from stale
        raise


def _verified(
    services: Services,
    visit: StaffVisit,
    credential: str,
    ceremony: StaffCeremony,
    *,
    only: str | None = None,
) -> tuple[_Key, Assertion]:
    answered, asked_at = _take(services, visit, ceremony, credential)
    key = _key(services, credential, only, asked_at)
    try:
        assertion = services.passkeys.verify_authentication(
            credential=credential, expected_challenge=answered, public_key=key.public_key
        )
    except CeremonyRejected as rejected:
        if not key.is_removed:
            _note_failure(services, visit, key, rejected)
        raise
    if key.is_removed:
        raise CeremonyRejected("credential_removed")  # said to the holder of the passkey alone
    return key, assertion


def _key(services: Services, credential: str, only: str | None, asked_at: datetime) -> _Key:
    claim = services.passkeys.claim(credential)
    with services.database.reading() as session:
        passkey = staff_passkeys.find_ever_bound(session, claim.credential_id)
        key = (
            _Key(
                staff_id=passkey.staff_id,
                public_key=passkey.public_key,
                is_removed=passkey.removed_at is not None,
                asked_at=asked_at,
            )
            if passkey
            else None
        )
    if key is None:
        is_staff = (claim.account_id or STAFF_HANDLE).startswith(STAFF_HANDLE)
        raise CeremonyRejected("credential_unknown" if is_staff else "not_of_staff")
    require_owner(claim, owner=key.staff_id, handle=STAFF_HANDLE + key.staff_id, only=only)
    return key


def _note_failure(services: Services, visit: StaffVisit, key: _Key, rejected: CeremonyRejected) -> None:
    with services.database.transaction() as session:
        member = staff.on_record(session, key.staff_id)
        if member:
            kind, now = AuditKind.SIGN_IN_FAILED, services.clock()
            audit.append(session, author(member, visit), kind, at=now, error=rejected.reason)


def _still_there(session: Session, staff_id: str) -> StaffMember:
    member = staff.on_record(session, staff_id)
    if member is None or member.ended_at or member.joined_at is None:
        raise CeremonyRejected("access_ended")
    return member


def _used(session: Session, services: Services, assertion: Assertion, *, asked_at: datetime) -> StaffPasskey:
    passkey = staff_passkeys.by_credential(session, assertion.credential_id)
    if passkey is None:
        raise CeremonyRejected("credential_unknown")  # removed a moment ago, in another window
    kept_count, last_used_at = passkey.sign_count, passkey.last_used_at
    if is_overtaken(kept_count=kept_count, assertion=assertion, asked_at=asked_at, last_used_at=last_used_at):
        raise CeremonyRejected("overtaken")
    oddity = suspicion(
        kept_count=passkey.sign_count, kept_eligible=passkey.backup_eligible, assertion=assertion
    )
    if oddity:  # the console shows too much to let anybody in by what may be a copy
        log.warning("staff_passkey_may_be_cloned", staff_id=passkey.staff_id, passkey_id=passkey.passkey_id)
        raise CeremonyRejected(oddity)
    staff_passkeys.note_use(
        session,
        passkey,
        assertion=assertion,
        at=services.clock(),
    )
    return passkey


def _new(services: Services, visit: StaffVisit, credential: str) -> NewPasskey:
    answered, _ = _take(services, visit, StaffCeremony.REGISTRATION, credential)
    return services.passkeys.verify_registration(credential=credential, expected_challenge=answered)


def _require_own_passkeys(session: Session, signed: SignedMember) -> None:
    """Members who sign in by the provider alone get no passkey: it would still work after they leave the company."""
    if signed.is_by_provider and not staff_passkeys.active(session, signed.staff_id):
        raise CeremonyRejected("signs_in_by_provider")


def _bind(
    session: Session, services: Services, visit: StaffVisit, member: StaffMember, new: NewPasskey
) -> StaffPasskey:
    if staff_passkeys.on_record(session, new.credential_id):
        raise CeremonyRejected("already_bound")
    passkey = StaffPasskey(
        staff_id=member.staff_id,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        aaguid=new.aaguid,
        transports=list(new.transports),
        backup_eligible=new.backup_eligible,
        backed_up=new.backed_up,
        name=visit.platform,
        bound_at=services.clock(),
    )
    staff_passkeys.add(session, passkey)
    return passkey
