"""Signs in by a code in a text message. Neither an answer nor its time tells whether an account exists."""

import json

from domain.codes import digest, new_code, plain_code
from domain.errors import BudgetSpent, CodeRejected, Refused, SmsSwitchedOff
from domain.facts import Channel, Method, SmsState
from domain.messages.messages import Template
from domain.safety.guessing import GuessedCode
from domain.safety.throttle import Throttle
from domain.trust import Root
from providers.texted_numbers import textable
from services.container import Services
from services.people import bearers, claimants, end_dates, first_answers, guessing, visits
from services.people.admission import Admission, Destination, admit, note_failure
from services.people.claimants import Claimant
from services.people.contacts import Contact, of_phones
from services.people.first_answers import SentSecret
from services.people.visits import Opening, Visit
from store import Session
from store.messages import fates, notices, text_counts
from store.people import accounts, door_notes, guesses, one_time_codes, passkeys, sessions
from store.people.first_answers import SecretKind
from store.people.one_time_codes import CodePurpose, OneTimeCode


def ask(services: Services, visit: Visit, contact: Contact) -> str:
    """Send a code to the account with this contact, if there is one. Returns the browser's token.

    Raises Throttled, also when the country has had its texts, and NotTexted for a number that is never texted, whether
    or not an account has it.
    """
    if contact.phones:
        contact = of_phones(textable(contact.phones, services.sms_countries))
    claimant = claimants.of_contact(services, contact)
    guessing.require_code(services, visit, claimant)
    if contact.phones:
        _require_room(services, claimant.value)
    with services.database.transaction() as session:
        token = visits.anchor(session, services, visit)
        _issue(session, services, digest(token), claimant)
    return token


def ask_again(services: Services, visit: Visit) -> None:
    """Send a new code to the same account; the last code is void. Raises CodeRejected, Throttled."""
    last = _last(services, visit)
    claimant = _claimant(last)
    guessing.require_code(services, visit, claimant)
    with services.database.transaction() as session:
        _issue(session, services, last.session_id, claimant)


def is_expected(services: Services, visit: Visit) -> bool:
    """Whether this browser has asked for a code, or may send the code again that it has just signed in by."""
    with services.database.reading() as session:
        if visit.session_id and one_time_codes.latest(session, visit.session_id, CodePurpose.SIGN_IN):
            return True
        return first_answers.is_kept(session, services, SecretKind.SIGN_IN_CODE, visit.door_id)


def answer(services: Services, visit: Visit, typed: str) -> Admission:
    """Sign in by the code that was typed. Raises CodeRejected, SmsSwitchedOff, Throttled.

    A browser that sends a right code twice within a minute is given its one session both times.
    """
    code = plain_code(typed)
    secret = first_answers.sent(services, SecretKind.SIGN_IN_CODE, visit.door_id, code)
    if first := first_answers.recall_admission(services, visit, secret):
        return first
    last = _last(services, visit)
    guessing.require_guess(services, visit, _claimant(last), GuessedCode.SIGN_IN)
    with services.database.transaction() as session:
        outcome = _try(session, services, visit, last, code=code, secret=secret)
        if isinstance(outcome, Admission):
            first_answers.keep_admission(session, services, secret, outcome)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def _require_room(services: Services, phone: str) -> None:
    """Raise Throttled when the country of the number has had its texts for today."""
    now = services.clock()
    with services.database.reading() as session:
        if until := text_counts.full_until(session, phone, at=now):
            raise BudgetSpent(at=now, until=until)


def _last(services: Services, visit: Visit) -> OneTimeCode:
    with services.database.reading() as session:
        if visit.session_id is None:
            raise CodeRejected(tries_left=0)
        last = one_time_codes.latest(session, visit.session_id, CodePurpose.SIGN_IN)
    if last is None:
        raise CodeRejected(tries_left=0)
    return last


def _claimant(last: OneTimeCode) -> Claimant:
    return Claimant(account_id=last.asked_for, subject=last.subject, key_id=last.subject_key_id)


def _issue(session: Session, services: Services, session_id: str, claimant: Claimant) -> None:
    """Issue a code, for an unknown contact too. Only the note's write-up needs an account, to send the code to it."""
    code, now = new_code(), services.clock()
    row = one_time_codes.issue(
        session,
        session_id=session_id,
        purpose=CodePurpose.SIGN_IN,
        account_id=None,
        asked_for=claimant.account_id,
        digest=services.peppers.digest(**_named(session_id, code)).digest,
        key_id=services.peppers.key_id,
        subject=claimant.subject,
        subject_key_id=claimant.key_id,
        now=now,
    )
    sealed = services.seal.close(json.dumps({"code": code}))
    door_notes.code_asked(session, claimant.account_id, code_id=row.code_id, sealed=sealed, at=now)


def _try(
    session: Session, services: Services, visit: Visit, last: OneTimeCode, *, code: str, secret: SentSecret
) -> Admission | Refused:
    """Spend a try. A refusal is returned, so that the spent try is kept."""
    now, session_id = services.clock(), last.session_id
    pending = one_time_codes.pending(session, session_id, CodePurpose.SIGN_IN, now=now)
    digests = services.peppers.candidates(**_named(session_id, code))
    taken = one_time_codes.take(pending, *digests, now=now)
    if isinstance(taken, CodeRejected) or taken.account_id is None:
        if first := first_answers.find_admission(session, services, visit, secret):
            guesses.forget(session, (last.subject,))  # the same code, sent at the same moment, was not wrong
            return first
        door_notes.sign_in_failed(session, last.asked_for, Method.SMS, reason="wrong_code", at=now)
        return taken if isinstance(taken, CodeRejected) else CodeRejected(tries_left=0)
    account_id = taken.account_id
    # The state is read now, not when the code was sent: SMS may have been switched off in between.
    state = accounts.lock(session, account_id).sms
    if state in (SmsState.SUSPENDED, SmsState.REMOVED):
        note_failure(session, account_id, Method.SMS, at=now, reason=f"sms_{state}")
        return SmsSwitchedOff(for_good=state == SmsState.REMOVED)
    _note_arrival(session, account_id, taken)
    method = end_dates.method_of_code(session, account_id, now=now)
    opening = Opening(account_id=account_id, method=method, root=Root.SMS, rooted_at=now)
    asked_at = one_time_codes.first_asked(session, session_id, CodePurpose.SIGN_IN)
    is_strangers = guessing.is_strangers(session, visit, _claimant(last), now=now)
    admission = admit(session, services, visit, opening, asked_at=asked_at)
    if is_strangers:
        guessing.forgive(session, visit, Throttle.CODES_PER_ADDRESS, Throttle.TRIES_PER_ADDRESS)
    if passkeys.guards(session, account_id, now=now):
        tell_owner(session, opening, admission)
        admission = admission.towards(Destination.SAY_WHY)
    return admission.towards(Destination.MAKE_ONLY_PASSKEY) if method.only_enrols else admission


def tell_owner(session: Session, opening: Opening, admission: Admission) -> None:
    """Tell the owner, who has an established passkey, that somebody came in by a text-message code."""
    account, session_id = accounts.get(session, opening.account_id), digest(admission.token)
    by = bearers.of_admission(opening, admission)
    notices.tell(session, account, Template.SMS_SIGNED_IN, event=session_id[:16], at=opening.rooted_at, by=by)
    sessions.note_change(session, session_id, at=opening.rooted_at)


def _note_arrival(session: Session, account_id: str, code: OneTimeCode) -> None:
    """What was typed had arrived, whatever was known against the number when it was asked for."""
    if phone := accounts.get(session, account_id).phone:
        fates.contact_arrives(session, account_id, Channel.SMS, contact=phone, at=code.made_at)


def _named(session_id: str, code: str) -> dict[str, str]:
    return {"context": f"{CodePurpose.SIGN_IN}:{session_id}", "code": code}
