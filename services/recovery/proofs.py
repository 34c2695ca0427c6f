"""What people show to get back in: a code by e-mail or text, a recovery code, an app's code, the word of the host.

At the door, before anything is shown, neither an answer nor its time tells whether an account has the contact.
"""

import json
from datetime import datetime

from domain.codes import digest, new_code, plain_code, plain_recovery_code
from domain.errors import CodeRejected, Refused, Unknown
from domain.facts import Channel, Method, SmsState
from domain.recovery import Proof, RecoveryStage
from domain.recovery_rules import ProofKind
from domain.safety.guessing import GuessedCode
from domain.trust import Root, Trust
from services.container import Services
from services.people import authenticator_apps, claimants, first_answers, guessing, visits
from services.people.claimants import Claimant
from services.people.contacts import Contact
from services.people.visits import Visit
from services.recovery import requests
from store import Session
from store.people import accounts, contacts, door_notes, guesses, one_time_codes, recovery_codes, trust
from store.people import authenticator_apps as kept_apps
from store.people.first_answers import SecretKind
from store.people.one_time_codes import CodePurpose, OneTimeCode
from store.safety import recoveries

_PURPOSES = {Channel.EMAIL: CodePurpose.RECOVER_BY_EMAIL, Channel.SMS: CodePurpose.RECOVER_BY_SMS}
_KINDS = {Channel.EMAIL: ProofKind.EMAIL, Channel.SMS: ProofKind.SMS}


class NothingAsked(Refused):
    """The host vouched for a request that is not there, or is over."""


def ask_code(
    services: Services, visit: Visit, channel: Channel, contact: Contact | None, *, request: str | None
) -> str:
    """Send a code to a contact: to what was typed, or to the one of the account whose request this browser follows.

    `request` is the browser's token of its request. Returns the token of the browser's session. Raises CodeRejected
    if nothing was typed and there is no request, and Throttled.
    """
    claimant = _claimant(services, contact, request)
    guessing.require_proof_code(services, visit, claimant)
    now, code = services.clock(), new_code()
    with services.database.transaction() as session:
        token = visits.anchor(session, services, visit)
        session_id = digest(token)
        row = one_time_codes.issue(
            session,
            session_id=session_id,
            purpose=_PURPOSES[channel],
            account_id=None,
            asked_for=claimant.account_id,
            digest=services.peppers.digest(**_named(channel, session_id, code)).digest,
            key_id=services.peppers.key_id,
            subject=claimant.subject,
            subject_key_id=claimant.key_id,
            now=now,
        )
        sealed = services.seal.close(json.dumps({"code": code}))
        account_id, code_id = claimant.account_id, row.code_id
        door_notes.proof_asked(session, account_id, channel=channel, code_id=code_id, sealed=sealed, at=now)
    return token


def is_expected(services: Services, visit: Visit, channel: Channel) -> bool:
    """Whether this browser has asked for a code by a channel, or may send again the one that it has just sent."""
    with services.database.reading() as session:
        if visit.session_id and one_time_codes.latest(session, visit.session_id, _PURPOSES[channel]):
            return True
        return first_answers.is_kept(session, services, SecretKind.RECOVERY_PROOF, visit.door_id)


def answer_code(
    services: Services, visit: Visit, channel: Channel, typed: str, *, request: str | None
) -> str:
    """Prove a contact by the code that went there; returns the token of the request. Raises CodeRejected, Throttled.

    A browser that sends a right code twice within a minute is given one token both times.
    """
    code = plain_code(typed)
    secret = first_answers.sent(services, SecretKind.RECOVERY_PROOF, visit.door_id, f"{channel}:{code}")
    if first := first_answers.recall(services, secret):
        return first
    last = _last(services, visit, channel)
    claimant = Claimant(account_id=last.asked_for, subject=last.subject, key_id=last.subject_key_id)
    guessing.require_guess(services, visit, claimant, GuessedCode.RECOVER)
    with services.database.transaction() as session:
        token = _take(session, services, visit, channel, last, code, request=request)
        if isinstance(token, str):
            first_answers.keep(session, services, secret, token)
            guesses.forget(session, claimant.subjects, GuessedCode.RECOVER)
        elif first := first_answers.find(session, services, secret):
            return first
        else:
            _note_failure(session, last.asked_for, request, at=services.clock())
    if isinstance(token, CodeRejected):
        raise token
    return token


def give_recovery_code(
    services: Services, visit: Visit, contact: Contact | None, typed: str, *, request: str | None
) -> str:
    """Use a recovery code up as a proof; returns the token of the request. Raises CodeRejected, Throttled."""
    claimant = _claimant(services, contact, request)
    both = f"code:{claimant.subject}:{plain_recovery_code(typed)}"
    secret = first_answers.sent(services, SecretKind.RECOVERY_PROOF, visit.door_id, both)
    if first := first_answers.recall(services, secret):
        return first
    guessing.require_long_guess(services, visit, claimant)
    account_id = claimant.account_id
    digests = services.peppers.candidates(context=f"recovery:{account_id}", code=plain_recovery_code(typed))
    with services.database.transaction() as session:
        # Somebody's wrong code locks nothing and takes the statements of nobody's.
        if recovery_codes.is_known(session, account_id, *digests):
            accounts.lock(session, account_id)
            code, now = recovery_codes.find(session, account_id, *digests), services.clock()
            if code and trust.counted(session, trust.of_row(code), now=now).is_established(now):
                recovery_codes.use(session, code, at=now)
                proof = Proof(kind=ProofKind.RECOVERY_CODE, root=Root(code.root))
                token = requests.give(
                    session, services, visit, account_id, proof, token=request, set_id=code.set_id
                )
                first_answers.keep(session, services, secret, token)
                return token
            if first := first_answers.find(session, services, secret):
                return first
        if guessing.is_worth_noting(session, claimant, now=services.clock()):
            _note_failure(session, account_id, request, at=services.clock())
    raise CodeRejected(tries_left=0)


def give_app_code(
    services: Services, visit: Visit, contact: Contact | None, typed: str, *, request: str | None
) -> str:
    """Use up the code that an authenticator app shows now, as a proof; returns the token of the request.

    Raises CodeRejected, GuessedTooOften, Throttled.
    """
    claimant = _claimant(services, contact, request)
    account_id, code = claimant.account_id, plain_code(typed)
    secret = first_answers.sent(
        services, SecretKind.RECOVERY_PROOF, visit.door_id, f"app:{claimant.subject}:{code}"
    )
    if first := first_answers.recall(services, secret):
        return first
    guessing.require_guess(services, visit, claimant, GuessedCode.AUTHENTICATOR_APP)
    with services.database.transaction() as session:
        now = services.clock()
        # Somebody's wrong code locks nothing and takes the statements of nobody's.
        if matched := authenticator_apps.match(session, services, account_id, typed, at=now):
            accounts.lock(session, account_id)
            app_trust = trust.counted(session, trust.of_row(matched.app), now=now)
            is_established = app_trust.is_established(now)
            if is_established and kept_apps.claim_step(session, matched.app, matched.step, at=now):
                proof = Proof(kind=ProofKind.AUTHENTICATOR_APP, root=Root(matched.app.root))
                token = requests.give(session, services, visit, account_id, proof, token=request)
                first_answers.keep(session, services, secret, token)
                guessing.forget_wrong(session, claimant, GuessedCode.AUTHENTICATOR_APP)
                return token
        if first := first_answers.find(session, services, secret):
            return first
        _note_failure(session, account_id, request, at=now)
    raise CodeRejected(tries_left=0)


def vouch(services: Services, external_id: str, reference: str) -> None:
    """Take the host's word that it knows who has asked by this reference. Raises Unknown, NothingAsked.

    A second time changes nothing.
    """
    now = services.clock()
    with services.database.transaction() as session:
        named = accounts.by_external_id(session, external_id)
        if named is None:
            raise Unknown(f"no account {external_id}")
        account = accounts.lock(session, named.account_id)
        recovery = recoveries.by_reference(session, account.account_id, plain_recovery_code(reference))
        if recovery is None:
            raise Unknown("this account has no request with this reference")
        if RecoveryStage(recovery.stage) not in (RecoveryStage.GATHERING, RecoveryStage.WAITING):
            raise NothingAsked("this request is over, or open already")
        given = recoveries.proofs(session, recovery.recovery_id)
        if any(proof.kind is ProofKind.HOST for proof in given):
            return
        proof = Proof(kind=ProofKind.HOST, root=Root.HOST)
        requests.vouch(session, services, recovery, proof, at=now)


def _claimant(services: Services, contact: Contact | None, request: str | None) -> Claimant:
    """Who is meant: whoever has the contact that was typed, or the account of the browser's request."""
    if contact is not None:
        return claimants.of_contact(services, contact)
    with services.database.reading() as session:
        account_id = requests.account_of(session, request)
    if account_id is None:
        raise CodeRejected(tries_left=0)
    return claimants.of_account(services, account_id)


def _last(services: Services, visit: Visit, channel: Channel) -> OneTimeCode:
    with services.database.reading() as session:
        last_code = visit.session_id and one_time_codes.latest(session, visit.session_id, _PURPOSES[channel])
    if not last_code:
        raise CodeRejected(tries_left=0)
    return last_code


def _take(
    session: Session,
    services: Services,
    visit: Visit,
    channel: Channel,
    last: OneTimeCode,
    code: str,
    *,
    request: str | None,
) -> str | CodeRejected:
    """Spend a try. A refusal is returned, so that the spent try is kept."""
    now, session_id = services.clock(), last.session_id
    pending = one_time_codes.pending(session, session_id, _PURPOSES[channel], now=now)
    digests = services.peppers.candidates(**_named(channel, session_id, code))
    taken = one_time_codes.take(pending, *digests, now=now)
    if isinstance(taken, CodeRejected):
        return taken
    if taken.account_id is None:
        return CodeRejected(tries_left=0)
    account = accounts.lock(session, taken.account_id)
    contact = contacts.present(session, account).get(channel)
    # Read now, not when the code was sent: the contact may have been replaced, or SMS switched off, in between.
    is_off = channel is Channel.SMS and account.sms in (SmsState.SUSPENDED, SmsState.REMOVED)
    is_shared = channel in contacts.shared_channels(session, account)
    if is_off or is_shared or contact is None:
        return CodeRejected(tries_left=0)
    if not trust.counted(session, contact.trust, now=now).is_established(taken.made_at):
        return CodeRejected(tries_left=0)
    if contact.trust.bound_at > taken.made_at:
        return CodeRejected(tries_left=0)
    proof = Proof(kind=_KINDS[channel], root=_root(channel, contact.trust))
    return requests.give(session, services, visit, account.account_id, proof, token=request)


def _root(channel: Channel, contact_trust: Trust) -> Root:
    """What a code at a contact goes back to: a text to the SIM, whoever named the number."""
    return Root.SMS if channel is Channel.SMS else contact_trust.root


def _note_failure(session: Session, account_id: str, request: str | None, *, at: datetime) -> None:
    """Journal a wrong proof. It makes its own request wait longer, and nobody else's."""
    door_notes.sign_in_failed(session, account_id, Method.RECOVERY, reason="wrong_code", at=at)
    recovery = recoveries.of_browser(session, request) if request else None
    if recovery and recovery.account_id == account_id:
        recoveries.note_failure(session, recovery.recovery_id)


def _named(channel: Channel, session_id: str, code: str) -> dict[str, str]:
    return {"context": f"{_PURPOSES[channel]}:{session_id}", "code": code}
