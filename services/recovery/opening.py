"""The end of the waiting: a link to an established contact opens one session, which makes one passkey."""

from domain.codes import digest, plain_recovery_code
from domain.errors import LinkRejected
from domain.facts import Channel, Method
from domain.messages.links import read_recovery_token, recovery_token
from domain.messages.messages import Template
from domain.recovery import CODES_OWED_FOR, RecoveryStage
from domain.recovery_rules import ProofKind
from services.container import Services
from services.people import recovery_code_sets
from services.people.admission import Admission, Destination, admit
from services.people.visits import Opening, Person, Visit
from services.throttling import require_attempts
from store import Session
from store.messages import messages
from store.messages.messages import Message
from store.people import accounts, contacts, passkeys, recovery_codes, sessions
from store.safety import recoveries, recovery_links, recovery_notices
from store.safety.recoveries import Recovery


class OtherBrowser(LinkRejected):
    """The link is right, but this browser does not follow the request."""


def by_short_code(services: Services, visit: Visit, typed: str) -> str:
    """The token of the link whose message is a text with a code. Raises LinkRejected, Throttled."""
    require_attempts(services, tries_per_address=visit.address)
    with services.database.reading() as session:
        message = messages.by_short_code(session, plain_recovery_code(typed))
    if message is None or message.template != Template.RECOVERY_OPEN:
        raise LinkRejected("no such code")
    return recovery_token(services.seal, message.key)


def look(services: Services, link: str, *, request: str | None) -> None:
    """See whether a link opens in this browser, without opening it. Raises LinkRejected, OtherBrowser."""
    with services.database.reading() as session:
        _find(session, services, link, request=request)


def open_(services: Services, visit: Visit, link: str, *, request: str | None) -> Admission:
    """Start the session that may make a passkey. Raises LinkRejected, OtherBrowser.

    The link opens again for as long as no passkey has been made: the last session it has opened then ends.
    """
    with services.database.transaction() as session:
        account_id = _find(session, services, link, request=request).account_id
        accounts.lock(session, account_id)
        recovery = recoveries.reread(session, _find(session, services, link, request=request).recovery_id)
        if recovery.stage != RecoveryStage.OPEN:
            raise LinkRejected("the link is over")
        if recovery.session_id:
            sessions.end(session, recovery.session_id, at=services.clock())
        bearer = recovery_notices.bearer_of(recovery, recoveries.proofs(session, recovery.recovery_id))
        opening = Opening(
            account_id=account_id, method=Method.RECOVERY, root=bearer.root, rooted_at=bearer.rooted_at
        )
        admission = admit(session, services, visit, opening)
        recoveries.note_session(session, recovery, digest(admission.token))
    return Admission(token=admission.token, destination=Destination.MAKE_ONLY_PASSKEY)


def send_again(services: Services, *, request: str, channel: Channel | None = None) -> None:
    """Send the link once more, also by another channel. Raises Throttled, and LinkRejected if nothing is open."""
    with services.database.reading() as session:
        recovery = recoveries.of_browser(session, request)
    if recovery is None or recovery.stage != RecoveryStage.OPEN:
        raise LinkRejected("the request is not open")
    require_attempts(services, codes_per_account=f"recovery-link:{recovery.account_id}")
    with services.database.transaction() as session:
        account = accounts.lock(session, recovery.account_id)
        locked = recoveries.lock(session, recovery.recovery_id)
        if locked and locked.stage == RecoveryStage.OPEN:
            recovery_links.send(session, account, locked, at=services.clock(), channel=channel)


def new_codes(services: Services, person: Person) -> list[str]:
    """A new set of recovery codes, shown once, where one of the old ones was a proof; none otherwise, or later.

    The old set works until a code of the new one is typed back.
    """
    with services.database.transaction() as session:
        accounts.lock(session, person.account_id)
        recovery = _owed(session, services, person)
        if recovery is None:
            return []
        recoveries.note_codes(session, recovery, at=services.clock())
        return recovery_code_sets.make_recovered(session, services, person)


def owes_codes(session: Session, services: Services, person: Person) -> bool:
    """Whether this person gets new codes."""
    return _owed(session, services, person) is not None


def _owed(session: Session, services: Services, person: Person) -> Recovery | None:
    """The recovery that has made this session's passkey, if one of its proofs was a code that is not replaced yet.

    Codes may be made again until one is typed back, as an answer can get lost; not by a passkey that is disputed.
    """
    passkey = passkeys.find_kept(session, person.account_id, person.passkey_id)
    recovery = recoveries.opened_in(session, passkey.bound_in) if passkey and passkey.bound_in else None
    if passkey is None or recovery is None or recovery.ended_at is None:
        return None
    is_late = recovery.ended_at + CODES_OWED_FOR <= services.clock()
    is_disputed = passkey.lowered_at or accounts.get(session, person.account_id).disputed_since
    made_at = recovery.codes_made_at
    if (
        is_late
        or is_disputed
        or (made_at and recovery_codes.is_kept_since(session, person.account_id, made_at))
    ):
        return None
    given = recoveries.proofs(session, recovery.recovery_id)
    return recovery if any(proof.kind is ProofKind.RECOVERY_CODE for proof in given) else None


def _find(session: Session, services: Services, link: str, *, request: str | None) -> Recovery:
    message = messages.find(session, read_recovery_token(services.seal, link))
    recovery = recoveries.find(session, message.values.get("recovery_id", "")) if message else None
    if message is None or recovery is None or recovery.stage != RecoveryStage.OPEN:
        raise LinkRejected("the link is over")
    if recovery.ends_at and recovery.ends_at <= services.clock():
        raise LinkRejected("the link is over")
    if not _is_owners(session, services, recovery, message):
        raise LinkRejected("the contact is not the account's any more")
    followed = recoveries.of_browser(session, request) if request else None
    if followed is None or followed.recovery_id != recovery.recovery_id:
        raise OtherBrowser("the link opens where the request was made")
    return recovery


def _is_owners(session: Session, services: Services, recovery: Recovery, message: Message) -> bool:
    """Whether the link went to what is an established contact of the account still."""
    account = accounts.get(session, recovery.account_id)
    return any(
        contact.address == message.recipient and contact.trust.is_established(services.clock())
        for contact in contacts.present(session, account).values()
    )
