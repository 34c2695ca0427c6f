"""Signs in by a passkey, from the sign-in page or to try a new passkey out. Both count alike."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from domain.codes import digest
from domain.errors import CeremonyRejected
from domain.facts import Method
from domain.journal import Actor, EventKind
from domain.journal_details import PasskeySignInDetail
from domain.passkeys import Assertion, Suspicion, suspicion
from domain.presets import STANDARD
from domain.trust import Root
from providers.passkeys import STAFF_HANDLE, CredentialClaim, Options
from services import ceremonies
from services.ceremonies import known_credentials, require_owner
from services.container import Services
from services.people import passkey_holds, standing, visits
from services.people.admission import Admission, admit, note_failure, took
from services.people.visits import Opening, Person, Visit
from services.throttling import require_attempts
from store import Session
from store.journeys import journeys
from store.people import accounts, challenges, journal, passkeys
from store.people.accounts import Account
from store.people.challenges import Ceremony
from store.people.passkeys import Passkey


@dataclass(frozen=True, kw_only=True)
class _Key:
    """The stored passkey that a browser's answer names; `hold` is the reason for which it is refused, if it is."""

    account_id: str
    public_key: bytes
    hold: str | None


def options(services: Services, visit: Visit) -> tuple[str, Options]:
    """Ask for any passkey of this site. Returns the browser's token too. Raises Throttled."""
    require_attempts(services, ceremonies_per_address=visit.place)
    request_options = services.passkeys.authentication_options()
    with services.database.transaction() as session:
        token = visits.anchor(session, services, visit)
        _issue(session, services, digest(token), request_options)
    return token, request_options


def options_for(services: Services, visit: Visit, person: Person) -> Options:
    """Ask for one of this person's passkeys. Raises Throttled, and CeremonyRejected if there is none."""
    require_attempts(services, ceremonies_per_address=visit.place)
    with services.database.transaction() as session:
        own = known_credentials(passkeys.active(session, person.account_id))
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
    asked_at = _asked_at(services, visit) if is_timed else None
    challenge = take_challenge(services, visit, Ceremony.AUTHENTICATION)
    claim = services.passkeys.claim(credential)
    key = _key(services, claim, only)
    try:
        assertion = services.passkeys.verify_authentication(
            credential=credential, expected_challenge=challenge, public_key=key.public_key
        )
        _require_not_on_hold(key.hold)
    except CeremonyRejected as rejected:
        _note_failure(services, key, claim, rejected)
        raise
    with services.database.transaction() as session:
        outcome = _enter(session, services, visit, key.account_id, assertion, asked_at=asked_at)
    if isinstance(outcome, CeremonyRejected):
        raise outcome
    return outcome


def take_challenge(services: Services, visit: Visit, ceremony: Ceremony) -> bytes:
    """The challenge of this browser. It is used up, even if the answer is wrong. Raises CeremonyRejected."""
    take = partial(challenges.take, ceremony=ceremony, now=services.clock())
    return ceremonies.take_challenge(services, visit.session_id, take)


def _issue(session: Session, services: Services, session_id: str, request_options: Options) -> None:
    challenges.issue(
        session, session_id, Ceremony.AUTHENTICATION, request_options.challenge, now=services.clock()
    )


def _asked_at(services: Services, visit: Visit) -> datetime | None:
    if visit.session_id is None:
        return None
    with services.database.reading() as session:
        return challenges.asked_at(session, visit.session_id, Ceremony.AUTHENTICATION)


def _key(services: Services, claim: CredentialClaim, only: str | None) -> _Key:
    if (claim.account_id or "").startswith(STAFF_HANDLE):
        raise CeremonyRejected("of_staff")  # "credential_unknown" would make browsers forget the passkey
    with services.database.reading() as session:
        passkey = passkeys.by_credential(session, claim.credential_id)
        if passkey is None:
            raise CeremonyRejected("credential_unknown")
        key = _Key(
            account_id=passkey.account_id,
            public_key=passkey.public_key,
            hold=_hold(passkey),
        )
    require_owner(claim, owner=key.account_id, handle=key.account_id, only=only)
    return key


def _hold(passkey: Passkey) -> str | None:
    if passkey.frozen_at is None:
        return None
    if passkey.suspicion:
        return "passkey_held"
    return "passkey_lost" if passkey.is_lost else "passkey_on_hold"


def _require_not_on_hold(hold: str | None) -> None:
    """Checked after the answer was verified, so that only the holder of the passkey learns of the hold."""
    if hold:
        raise CeremonyRejected(hold)


def _note_failure(services: Services, key: _Key, claim: CredentialClaim, rejected: CeremonyRejected) -> None:
    with services.database.transaction() as session:
        now = services.clock()
        note_failure(session, key.account_id, Method.PASSKEY, at=now, reason=rejected.reason)
        if rejected.reason == Suspicion.BACKUP_STATE_IMPOSSIBLE and key.hold is None:
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
    asked_at: datetime | None,
) -> Admission | CeremonyRejected:
    """Let somebody in. A refusal of a suspicious passkey is returned, so that its hold is kept."""
    account = accounts.lock(session, account_id)
    passkey = passkeys.by_credential(session, assertion.credential_id)
    if passkey is None:
        raise CeremonyRejected("credential_unknown")  # removed a moment ago, in another window
    _require_not_on_hold(_hold(passkey))
    now = services.clock()
    if _is_held(session, account, passkey, assertion, at=now):
        note_failure(session, account_id, Method.PASSKEY, at=now, reason="passkey_held")
        return CeremonyRejected("passkey_held")
    _note_use(session, account, passkey, assertion, visit=visit, asked_at=asked_at, at=now)
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
    proves = _proves(session, account_id, passkey, day=day)
    is_synced, is_sync_changed = assertion.backed_up, passkeys.note_state(session, passkey, assertion)
    passkeys.note_use(session, passkey, at=at, day=day)
    milliseconds = took(asked_at, at)
    detail = PasskeySignInDetail(passkey_id=passkey_id, platform=visit.platform, milliseconds=milliseconds)
    journal.append(session, account_id, EventKind.PASSKEY_SIGNED_IN, detail, at=at, actor=Actor.PERSON)
    append = partial(journal.append, session, account_id, at=at, actor=Actor.PERSON, passkey_id=passkey_id)
    if is_sync_changed:
        append(EventKind.PASSKEY_SYNC_CHANGED, synced=is_synced)
    if proves:
        append(EventKind.PASSKEY_PROVEN)


def _proves(session: Session, account_id: str, passkey: Passkey, *, day: date) -> bool:
    """Whether this sign-in proves something new: the passkey's first use, or one more day that the policy asks for.

    Other sign-ins neither wake the journey nor begin its reminders anew.
    """
    if passkey.last_used_at is None:
        return True
    policy = journeys.policy_of(session, account_id) or STANDARD
    days = passkeys.days_used(session, account_id)
    return day not in days and len(days) < policy.proving_days
