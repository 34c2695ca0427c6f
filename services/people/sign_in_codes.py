"""Signs in by a code in a text message, without telling whether an account exists."""

import json
from dataclasses import replace
from datetime import datetime

import structlog

from domain.codes import digest, keyed_digest, new_code, plain_code
from domain.errors import BudgetSpent, CodeRejected, Refused, SmsSwitchedOff
from domain.facts import Channel, Method, SmsState
from domain.messages.messages import CODE_LIFETIME, Purpose, Template
from domain.trust import Root
from providers.texted_numbers import require_textable
from services.container import Services
from services.people import bearers, visits
from services.people.admission import Admission, Destination, admit, note_failure
from services.people.contacts import Contact
from services.people.visits import Opening, Visit
from services.throttling import require_attempts
from store import Session
from store.messages import budgets, messages, notices, text_counts
from store.messages.messages import NewMessage
from store.people import accounts, one_time_codes, passkeys, sessions
from store.people.accounts import Account
from store.people.one_time_codes import CodePurpose, OneTimeCode

log = structlog.get_logger()


def ask(services: Services, visit: Visit, contact: Contact) -> str:
    """Send a code to the account with this contact, if there is one. Returns the browser's token.

    Raises Throttled, and NotTexted for a number that is never texted, whether or not an account has it.
    """
    if contact.phone:
        require_textable(contact.phone, services.sms_countries)
    subject = subject_of(services, contact)
    _require_room(services, visit, subject, phone=contact.phone)
    with services.database.transaction() as session:
        token = visits.anchor(session, services, visit)
        account = accounts.by_contact(session, phone=contact.phone, email=contact.email)
        _issue(session, services, digest(token), account, subject)
    return token


def ask_again(services: Services, visit: Visit) -> None:
    """Send a new code to the same account; the last code is void. Raises CodeRejected, Throttled."""
    last = _last(services, visit)
    _require_room(services, visit, last.subject)
    with services.database.transaction() as session:
        account = accounts.get(session, last.account_id) if last.account_id else None
        _issue(session, services, last.session_id, account, last.subject)


def is_expected(services: Services, visit: Visit) -> bool:
    """Whether this browser has asked for a code."""
    with services.database.reading() as session:
        return bool(
            visit.session_id and one_time_codes.latest(session, visit.session_id, CodePurpose.SIGN_IN)
        )


def answer(services: Services, visit: Visit, typed: str) -> Admission:
    """Sign in by the code that was typed. Raises CodeRejected, SmsSwitchedOff, Throttled."""
    last = _last(services, visit)
    require_attempts(services, tries_per_account=last.subject, tries_per_address=visit.address)
    with services.database.transaction() as session:
        outcome = _try(session, services, visit, last.session_id, plain_code(typed))
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def subject_of(services: Services, contact: Contact) -> str:
    """The subject under which attempts for a contact are counted, whether or not an account has it."""
    return keyed_digest(services.pepper, context="contact", code=contact.value)


def _require_room(services: Services, visit: Visit, subject: str, *, phone: str | None = None) -> None:
    """Count one code for what was typed, known or not. Raises Throttled, also when the country has had its texts."""
    require_attempts(services, codes_per_account=subject, codes_per_address=visit.address)
    # By itself, so that an impatient minute, whose codes were refused, does not use up the day.
    require_attempts(services, codes_per_day=subject)
    if phone:
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


def _issue(
    session: Session, services: Services, session_id: str, account: Account | None, subject: str
) -> None:
    """Issue a code. An unknown contact costs the same work; only the message needs an account.

    An account beyond its budget gets no message either, and the page does not show it: else somebody could find out by
    one contact that codes were asked for by another.
    """
    code = new_code()
    now = services.clock()
    reachable = account if account and _may_text(session, account, at=now) else None
    row = one_time_codes.issue(
        session,
        session_id=session_id,
        purpose=CodePurpose.SIGN_IN,
        account_id=reachable.account_id if reachable else None,
        digest=_digest(services, session_id, code),
        subject=subject,
        now=now,
    )
    sealed = services.seal.close(json.dumps({"code": code}))
    if reachable:
        messages.add(session, _message(reachable, row, sealed), at=now)
        log.info("sign_in_code_asked", account_id=reachable.account_id)


def _may_text(session: Session, account: Account, *, at: datetime) -> bool:
    if account.phone is None or account.sms == SmsState.REMOVED:
        return False
    until = budgets.full_until(session, account.account_id, account.phone, Purpose.CODE, Channel.SMS, at=at)
    if until:
        log.warning("sign_in_code_over_budget", account_id=account.account_id, until=until)
    return until is None


def _message(account: Account, code: OneTimeCode, sealed: bytes) -> NewMessage:
    return NewMessage(
        key=f"{account.account_id}:{Template.SIGN_IN_CODE}:{code.code_id}",
        account_id=account.account_id,
        purpose=Purpose.CODE,
        template=Template.SIGN_IN_CODE,
        channel=Channel.SMS,
        recipient=account.phone or "",
        locale=account.locale,
        values={"minutes": f"{CODE_LIFETIME.total_seconds() / 60:g}"},
        sealed=sealed,
        expires_at=code.expires_at,
    )


def _try(
    session: Session, services: Services, visit: Visit, session_id: str, code: str
) -> Admission | Refused:
    """Spend a try. A refusal is returned, so that the spent try is kept."""
    now = services.clock()
    pending = one_time_codes.pending(session, session_id, CodePurpose.SIGN_IN, now=now)
    account_id = pending.account_id if pending else None
    taken = one_time_codes.take(pending, _digest(services, session_id, code), now=now)
    if isinstance(taken, CodeRejected) or account_id is None:
        note_failure(session, account_id, Method.SMS, at=now, reason="wrong_code")
        return taken if isinstance(taken, CodeRejected) else CodeRejected(tries_left=0)
    # The state is read now, not when the code was sent: SMS may have been switched off in between.
    state = accounts.lock(session, account_id).sms
    if state in (SmsState.SUSPENDED, SmsState.REMOVED):
        note_failure(session, account_id, Method.SMS, at=now, reason=f"sms_{state}")
        return SmsSwitchedOff(for_good=state == SmsState.REMOVED)
    opening = Opening(account_id=account_id, method=Method.SMS, root=Root.SMS, rooted_at=now)
    asked_at = one_time_codes.first_asked(session, session_id, CodePurpose.SIGN_IN)
    admission = admit(session, services, visit, opening, asked_at=asked_at)
    if not passkeys.guards(session, account_id, now=now):
        return admission
    return _told(session, opening, admission)


def _told(session: Session, opening: Opening, admission: Admission) -> Admission:
    """Tell the owner, who has an established passkey, that somebody came in by a text-message code; and ask why."""
    account, event = accounts.get(session, opening.account_id), digest(admission.token)[:16]
    by = bearers.of_admission(opening, admission)
    notices.tell(session, account, Template.SMS_SIGNED_IN, event=event, at=opening.rooted_at, by=by)
    sessions.note_change(session, digest(admission.token), at=opening.rooted_at)
    return replace(admission, destination=Destination.SAY_WHY)


def _digest(services: Services, session_id: str, code: str) -> str:
    return keyed_digest(services.pepper, context=f"{CodePurpose.SIGN_IN}:{session_id}", code=code)
