"""Objections: the owner says of a notice "this wasn't me". The journey rests until support has settled all of them."""

from datetime import datetime

from domain.errors import LastRoute, Refused, TooLateToObject
from domain.facts import SmsState
from domain.journal import Actor, EventKind
from domain.journal_details import CaseDetail
from domain.messages.messages import Template
from domain.objections import Outcome, is_open, may_hold, may_void_codes
from store import Session
from store.journeys import facts, sms
from store.messages import notices
from store.messages.messages import Message
from store.people import accounts, journal, links, passkeys, recovery_codes, sessions
from store.people.accounts import Account
from store.people.passkeys import Passkey
from store.safety import objections
from store.safety.objections import Objection


def make(session: Session, message_key: str, *, at: datetime) -> Objection:
    """Object to a notice, and stop what it tells of. A second objection, by any channel, changes nothing.

    In every case all sessions of the account end, its links are void, SMS in notice or suspended is on again, and the
    journey rests. Raises LinkRejected, TooLateToObject.
    """
    notice = objections.look(session, message_key).notice
    account = accounts.lock(session, notice.account_id or "")
    if earlier_objection := objections.look(session, message_key).objection:
        return earlier_objection
    if not is_open(notice.created_at, at):
        raise TooLateToObject("the notice is too old")
    _restore_sms(session, account, at=at)
    objection = Objection(
        account_id=account.account_id,
        message_key=message_key,
        template=notice.template,
        made_at=at,
        passkey_id=_stop_passkey(session, account.account_id, notice, at=at),
    )
    _stop_codes(session, account.account_id, notice, at=at)
    sessions.end_all(session, account.account_id, at=at)
    links.void_all(session, account.account_id, at=at)
    former_email = notice.recipient if "@" in notice.recipient else None
    _keep(session, account, objection, former_email=former_email)
    return objection


def settle(
    session: Session,
    objection_id: str,
    *,
    outcome: Outcome,
    by: str,
    reason: str,
    at: datetime,
    together_with: str = "",
) -> Objection:
    """Close an objection; the journey goes on when none is open. Raises Unknown, LastRoute, and Refused when closed.

    `upheld` removes the passkey, `dismissed` takes it off hold. Ended sessions and void links and codes stay so.
    `by` and `together_with` are the marks of the two members who settle it.
    """
    account = accounts.lock(session, objections.get(session, objection_id).account_id)
    objection = objections.reread(session, objection_id)
    if objection.settled_at:
        raise Refused(f"this objection is settled: {objection.outcome}")
    _settle_passkey(session, account, objection, outcome, at=at)
    objections.close(session, objection, outcome, by=by, reason=reason, at=at)
    if not objections.is_any_open(session, account.account_id):
        accounts.end_dispute(session, account)
    detail = {"objection_id": objection_id, "outcome": outcome, "by": by, "reason": reason}
    if together_with:
        detail["together_with"] = together_with
    kind = EventKind.OBJECTION_SETTLED
    journal.append(session, account.account_id, kind, at=at, actor=Actor.STAFF, **detail)
    return objection


def _restore_sms(session: Session, account: Account, *, at: datetime) -> None:
    """Restore SMS before all other steps: then a passkey can go on hold without locking its owner out."""
    if account.sms in (SmsState.NOTICE, SmsState.SUSPENDED):
        sms.restore(session, account.account_id, at=at, actor=Actor.PERSON, reason="objection")


def _stop_passkey(session: Session, account_id: str, notice: Message, *, at: datetime) -> str | None:
    if notice.template != Template.PASSKEY_BOUND:
        return None
    passkey = passkeys.find_kept(session, account_id, notice.values.get("passkey_id"))
    if passkey is None:
        return None
    if may_hold(facts.read(session, account_id), proven=passkey.last_used_at is not None):
        passkeys.freeze(session, passkey, at=at)
    return passkey.passkey_id


def _stop_codes(session: Session, account_id: str, notice: Message, *, at: datetime) -> None:
    """Void the set that the notice names: the person who made it, or used one code, may have the other codes."""
    if set_id := notice.values.get("set_id"):
        if_proven = may_void_codes(facts.read(session, account_id))
        recovery_codes.void_set(session, account_id, set_id, at=at, if_proven=if_proven)


def _keep(session: Session, account: Account, objection: Objection, *, former_email: str | None) -> None:
    at, is_first = objection.made_at, account.disputed_since is None
    if is_first:
        accounts.begin_dispute(session, account, at=at)
    objections.add(session, objection)
    ids = {"objection_id": objection.objection_id, "key": objection.message_key}
    about = {"template": objection.template, "passkey_id": objection.passkey_id}
    kind, account_id = EventKind.OBJECTED, account.account_id
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, **ids, **about)
    if is_first:  # a further objection joins the open case
        case, opened_by = CaseDetail(reason="objection"), objection.objection_id
        kind = EventKind.SUPPORT_CASE
        journal.append(session, account_id, kind, case, at=at, actor=Actor.PERSON, objection_id=opened_by)
    template, event = Template.OBJECTION_NOTED, objection.objection_id
    former = former_email if former_email != account.email else None
    notices.tell(session, account, template, event=event, at=at, former_email=former)


def _settle_passkey(
    session: Session, account: Account, objection: Objection, outcome: Outcome, *, at: datetime
) -> None:
    passkey = passkeys.find_kept(session, account.account_id, objection.passkey_id)
    if passkey is None:
        return
    if outcome is Outcome.UPHELD:
        _remove(session, account, passkey, at=at)
    else:
        passkeys.thaw(session, passkey)


def _remove(session: Session, account: Account, passkey: Passkey, *, at: datetime) -> None:
    account_facts = facts.read(session, account.account_id)
    if passkey.is_active and not may_hold(account_facts, proven=passkey.last_used_at is not None):
        raise LastRoute(
            "the passkey is the last way into the account that is known to work; help to another first"
        )
    passkey_id = passkey.passkey_id
    passkeys.remove(session, passkey, at=at)
    sessions.end_of_passkey(session, passkey_id, at=at)
    kind = EventKind.PASSKEY_REMOVED
    journal.append(session, account.account_id, kind, at=at, actor=Actor.STAFF, passkey_id=passkey_id)
    values = {"device": passkey.name, "passkey_id": passkey_id}
    notices.tell(session, account, Template.PASSKEY_REMOVED, event=passkey_id, at=at, values=values)
