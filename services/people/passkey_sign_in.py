"""Signs in by a passkey, from the sign-in page or to try a new passkey out. Both count alike."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.attempts import AttemptKind
from domain.codes import digest
from domain.errors import CeremonyRejected
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.journal_details import PasskeySignInDetail
from domain.passkeys import Assertion, Suspicion, is_overtaken, suspicion
from domain.trust import Root
from providers.passkeys import STAFF_HANDLE, CredentialClaim, Options
from services import ceremonies
from services.ceremonies import known_credentials, require_owner
from services.container import Services
from services.people import attempts, passkey_holds, standing, visits
from services.people.admission import Admission, admit, note_failure, took
from services.people.passkey_proofs import proves
from services.people.visits import Opening, Person, Visit
from services.throttling import require_attempts
from store import Session
from store.people import accepted_passkeys, accounts, challenges, journal, passkeys
from store.people.accounts import Account
from store.people.challenges import Ceremony
from store.people.passkeys import Passkey


@dataclass(frozen=True, kw_only=True)
class _Key:
    """The passkey on record that a browser's answer names; `refusal` is why it opens nothing, if it does not."""

    account_id: str
    public_key: bytes
    is_removed: bool
    refusal: str | None


def options(services: Services, visit: Visit) -> tuple[str, Options]:
    """Ask for any passkey of this site. Returns the browser's token too. Raises Throttled."""
    require_attempts(services, ceremonies_per_address=visit.place)
    request_options = services.passkeys.authentication_options()
    with services.database.transaction() as session:
        token = visits.anchor(session, services, visit)
        _issue(session, services, digest(token), request_options)
    return token, request_options


def options_for(services: Services, visit: Visit, person: Person, *, only: str | None = None) -> Options:
    """Ask for one of this person's passkeys, or for the `only` one. Raises Throttled, and CeremonyRejected if none."""
    require_attempts(services, ceremonies_per_address=visit.place)
    with services.database.transaction() as session:
        active = passkeys.active(session, person.account_id)
        own = known_credentials([passkey for passkey in active if only in (None, passkey.passkey_id)])
        if not own:
            raise CeremonyRejected("no_passkey_yet")
        request_options = services.passkeys.authentication_options(allow=own)
        _issue(session, services, person.session_id, request_options)
    return request_options


def sign_in(
    services: Services, visit: Visit, credential: str, *, only: str | None = None, is_timed: bool = True
) -> Admission:
    """Sign in by a browser's answer (JSON). If `only` is given, it is the one account allowed. Raises CeremonyRejected.

    `is_timed` is False if the challenge was asked for when the page opened: then the person's start is not known.
    """
    with attempts.refusals_kept(services, visit, AttemptKind.AUTHENTICATION):
        return _sign_in(services, visit, credential, only=only, is_timed=is_timed)


def _sign_in(
    services: Services, visit: Visit, credential: str, *, only: str | None, is_timed: bool
) -> Admission:
    answered = services.passkeys.answered_challenge(credential)
    asked_at = _take_asked(services, visit, answered, only)
    claim = services.passkeys.claim(credential)
    key = _key(services, claim, only)
    try:
        assertion = services.passkeys.verify_authentication(
            credential=credential, expected_challenge=answered, public_key=key.public_key
        )
        _require_usable(key.refusal)
    except CeremonyRejected as rejected:
        if not key.is_removed:
            _note_failure(services, key, claim, rejected)
        raise
    with services.database.transaction() as session:
        outcome = _enter(
            session, services, visit, key.account_id, assertion, asked_at=asked_at, is_timed=is_timed
        )
    if isinstance(outcome, CeremonyRejected):
        raise outcome
    return outcome


def take_challenge(services: Services, visit: Visit, ceremony: Ceremony, challenge: bytes) -> datetime:
    """Use up the challenge of this browser that an answer names, even if the answer is wrong.

    Returns when it was asked for. Raises CeremonyRejected.
    """
    take = partial(challenges.take, ceremony=ceremony, challenge=challenge, now=services.clock())
    return ceremonies.take_challenge(services, visit.session_id, take)


def _take_asked(services: Services, visit: Visit, challenge: bytes, only: str | None) -> datetime:
    try:
        return take_challenge(services, visit, Ceremony.AUTHENTICATION, challenge)
    except CeremonyRejected as stale:
        is_in = visit.person is not None and not visit.person.method.only_enrols
        if is_in and only is None:
            raise CeremonyRejected("signed_in_already") from stale
        raise


def _issue(session: Session, services: Services, session_id: str, request_options: Options) -> None:
    challenges.issue(
        session, session_id, Ceremony.AUTHENTICATION, request_options.challenge, now=services.clock()
    )


def _key(services: Services, claim: CredentialClaim, only: str | None) -> _Key:
    if (claim.account_id or "").startswith(STAFF_HANDLE):
        raise CeremonyRejected("of_staff")
    with services.database.reading() as session:
        passkey = accepted_passkeys.find_ever_bound(session, claim.credential_id)
        if passkey is None:
            raise CeremonyRejected("credential_unknown")
        key = _Key(
            account_id=passkey.account_id,
            public_key=passkey.public_key,
            is_removed=passkey.removed_at is not None,
            refusal=_refusal(session, passkey, now=services.clock()),
        )
    require_owner(claim, owner=key.account_id, handle=key.account_id, only=only)
    return key


def _refusal(session: Session, passkey: Passkey, *, now: datetime) -> str | None:
    """Why a passkey opens nothing. Devices forget what is removed for good, so nothing else is called so."""
    if passkey.removed_at:
        is_gone = accepted_passkeys.is_gone(session, passkey, now=now)
        return "credential_removed" if is_gone else "credential_unknown"
    if passkey.frozen_at is None:
        return None
    if passkey.suspicion:
        return "passkey_held"
    return "passkey_lost" if passkey.is_lost else "passkey_on_hold"


def _require_usable(refusal: str | None) -> None:
    """Checked after the answer was verified, so that only the holder of the passkey learns why it is refused."""
    if refusal:
        raise CeremonyRejected(refusal)


def _note_failure(services: Services, key: _Key, claim: CredentialClaim, rejected: CeremonyRejected) -> None:
    with services.database.transaction() as session:
        now = services.clock()
        note_failure(session, key.account_id, Method.PASSKEY, at=now, reason=rejected.reason)
        if rejected.reason == Suspicion.BACKUP_STATE_IMPOSSIBLE and key.refusal is None:
            account = accounts.lock(session, key.account_id)
            if passkey := passkeys.by_credential(session, claim.credential_id):
                passkey_holds.suspect(session, account, passkey, Suspicion.BACKUP_STATE_IMPOSSIBLE, at=now)


def _enter(
    session: Session,
    services: Services,
    visit: Visit,
    account_id: str,
    assertion: Assertion,
    *,
    asked_at: datetime,
    is_timed: bool,
) -> Admission | CeremonyRejected:
    """Let somebody in. A refusal of a suspicious passkey is returned, so that its hold is kept."""
    account = accounts.lock(session, account_id)
    passkey = passkeys.by_credential(session, assertion.credential_id)
    if passkey is None:
        raise CeremonyRejected("credential_unknown")  # removed a moment ago, in another window
    now = services.clock()
    _require_usable(_refusal(session, passkey, now=now))
    kept_count, last_used_at = passkey.sign_count, passkey.last_used_at
    if is_overtaken(kept_count=kept_count, assertion=assertion, asked_at=asked_at, last_used_at=last_used_at):
        raise CeremonyRejected("overtaken")
    if _is_held(session, account, passkey, assertion, at=now):
        note_failure(session, account_id, Method.PASSKEY, at=now, reason="passkey_held")
        return CeremonyRejected("passkey_held")
    began_at = asked_at if is_timed else None
    _note_use(session, account, passkey, assertion, visit=visit, asked_at=began_at, at=now)
    return admit(
        session,
        services,
        visit,
        Opening(
            account_id=account_id,
            method=Method.PASSKEY,
            root=Root(passkey.root),
            rooted_at=passkey.rooted_at,
            passkey_id=passkey.passkey_id,
        ),
    )


def _is_held(
    session: Session, account: Account, passkey: Passkey, assertion: Assertion, *, at: datetime
) -> bool:
    oddity = suspicion(
        kept_count=passkey.sign_count, kept_eligible=passkey.backup_eligible, assertion=assertion
    )
    return oddity is not None and passkey_holds.suspect(session, account, passkey, oddity, at=at)


def _note_use(
    session: Session,
    account: Account,
    passkey: Passkey,
    assertion: Assertion,
    *,
    visit: Visit,
    asked_at: datetime | None,
    at: datetime,
) -> None:
    account_id, passkey_id = account.account_id, passkey.passkey_id
    day = standing.today(account.time_zone, at)
    is_news = proves(session, account_id, passkey, day=day)
    is_synced, is_sync_changed = assertion.backed_up, passkeys.note_state(session, passkey, assertion)
    passkeys.note_use(session, passkey, at=at, day=day)
    milliseconds = took(asked_at, at)
    detail = PasskeySignInDetail(passkey_id=passkey_id, platform=visit.platform, milliseconds=milliseconds)
    journal.append(session, account_id, EventKind.PASSKEY_SIGNED_IN, detail, at=at, actor=Actor.PERSON)
    attempts.keep_ceremony(
        session,
        visit,
        AttemptKind.AUTHENTICATION,
        account_id,
        aaguid=passkey.aaguid,
        milliseconds=milliseconds,
        at=at,
    )
    append = partial(journal.append, session, account_id, at=at, actor=Actor.PERSON, passkey_id=passkey_id)
    if is_sync_changed:
        append(EventKind.PASSKEY_SYNC_CHANGED, synced=is_synced)
    if is_news:
        append(EventKind.PASSKEY_PROVEN)
