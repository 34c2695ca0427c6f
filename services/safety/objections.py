"""Objections: the owner says of a change "this wasn't me". The journey rests until all of them are settled."""

from datetime import datetime

from domain.errors import ObjectionNotFromHere, Refused, TooLateToObject
from domain.facts import Channel, Method, SmsState
from domain.journal import Actor, EventKind
from domain.journal_details import CaseDetail
from domain.messages.messages import Template
from domain.messages.samples import WITHOUT_CODE
from domain.presets import STANDARD
from domain.recovery import RecoveryStage, StopReason
from domain.safety.contact_keys import are_same
from domain.safety.disputes import DISPUTE_LIFETIME, outcome_at_deadline
from domain.safety.objections import Outcome, as_disputed, is_open, may_object_from_within
from domain.trust import Assurance, Bearer
from services.safety import disputes
from services.safety.disputes import Disputed
from store import Session
from store.journeys import facts, journeys, sms, waits
from store.messages import establishing, messages, notices
from store.messages.messages import Message
from store.people import accounts, contacts, journal, links, sessions, waiting_changes
from store.people.accounts import Account
from store.people.sessions import WebSession
from store.safety import objections, recoveries, recovery_notices
from store.safety.objections import Objection


def make(session: Session, message_key: str, *, at: datetime, bearer: Bearer | None = None) -> Objection:
    """Object to a notice, and stop all that hangs together with it. A second objection changes nothing, unless the
    first came by a contact that the disputed session may control.

    In every case all sessions of the account end, its links are void, SMS in notice or suspended is on again, and the
    journey rests. `bearer` is a session that objects from within; without it, the notice itself is the authority, and
    has to have gone to an established contact. Raises LinkRejected, TooLateToObject, ObjectionNotFromHere.
    """
    notice = objections.look(session, message_key).notice
    account = accounts.lock(session, notice.account_id or "")
    told_change = objections.look(session, message_key)
    if told_change.objection:
        return told_change.objection
    if not is_open(notice.created_at, at):
        raise TooLateToObject("the notice is too old")
    _require_authority(session, account, notice, bearer)
    if told_change.weaker and told_change.weaker.settled_at is None:
        objections.strengthen(session, told_change.weaker, message_key)
        return told_change.weaker
    known_facts = as_disputed(facts.read(session, account.account_id))
    _restore_sms(session, account, at=at)
    establishing.stop_waiting(session, account.account_id, at=at)
    disputed = disputed_by(session, notice)
    effects = disputes.stop(session, account, disputed, known_facts, at=at)
    sessions.end_all(session, account.account_id, at=at)
    links.void_all(session, account.account_id, at=at)
    recoveries.stop_all(session, account.account_id, StopReason.OBJECTED, at=at, actor=Actor.PERSON)
    objection = Objection(
        account_id=account.account_id,
        message_key=message_key,
        template=notice.template,
        made_at=at,
        passkey_id=min(disputed.tree.passkey_ids & {notice.values.get("passkey_id", "")}, default=None),
        session_id=_session_of(session, notice),
        effects=[effect.stored() for effect in effects],
        due_at=at + DISPUTE_LIFETIME,
    )
    _keep(session, account, objection)
    return objection


def may_object(session: Session, notice: Message, bearer: Bearer | None) -> bool:
    """Whether the reader of a notice, or a session from within, may object to the change that it tells of."""
    try:
        _require_authority(session, accounts.get(session, notice.account_id or ""), notice, bearer)
    except ObjectionNotFromHere:
        return False
    return True


def settle(
    session: Session,
    objection_id: str,
    *,
    outcome: Outcome,
    by: str,
    reason: str,
    at: datetime,
    actor: Actor = Actor.STAFF,
    together_with: str = "",
    spares_opener: bool = False,
) -> Objection:
    """Close an objection; the journey goes on when none is open. Raises Unknown, LastRoute, and Refused when closed.

    `upheld` removes what was stopped, and what was brought back stays; `dismissed` undoes both. Ended sessions and void
    links stay so. `by` and `together_with` are the marks of the two members who settle it.
    """
    account = accounts.lock(session, objections.get(session, objection_id).account_id)
    objection = objections.reread(session, objection_id)
    if objection.settled_at:
        raise Refused(f"this objection is settled: {objection.outcome}")
    if outcome is Outcome.UPHELD:
        disputes.uphold(session, account, objection, at=at, actor=actor, by=by, spares_opener=spares_opener)
    else:
        disputes.dismiss(session, account, objection, at=at)
    objections.close(session, objection, outcome, by=by, reason=reason, at=at)
    if not objections.is_any_open(session, account.account_id):
        _end_dispute(session, account, at=at)
    detail = {"objection_id": objection_id, "outcome": outcome, "by": by, "reason": reason}
    if together_with:
        detail["together_with"] = together_with
    journal.append(session, account.account_id, EventKind.OBJECTION_SETTLED, at=at, actor=actor, **detail)
    template, values = Template.OBJECTION_SETTLED, {"outcome": outcome.value}
    notices.tell(session, account, template, event=objection_id, at=at, values=values)
    return objection


def settle_overdue(session: Session, objection_id: str, *, at: datetime) -> Objection:
    """Close an objection that nobody has decided in time, as it was announced. Raises LastRoute."""
    objection = objections.get(session, objection_id)
    return settle(
        session,
        objection_id,
        outcome=announced_outcome(session, objection),
        by="deadline",
        reason="nobody decided it in time",
        at=at,
        actor=Actor.SYSTEM,
        spares_opener=True,
    )


def announced_outcome(session: Session, objection: Objection) -> Outcome:
    """How an objection ends if nobody decides it."""
    notice = messages.find(session, objection.message_key)
    return outcome_at_deadline(
        is_independent=notice is not None and (notice.vouches or notice.by_session is None),
        is_answered=objection.answered_at is not None,
    )


def disputed_by(session: Session, notice: Message) -> Disputed:
    """What an objection to a notice is about, as it stands now. What was taken off hold is part of it.

    A notice of a recovery is about the session that it has opened, if it has.
    """
    disputed = disputes.of_notice(
        session,
        notice.account_id or "",
        session_id=_session_of(session, notice),
        passkey_id=notice.values.get("passkey_id"),
        set_id=notice.values.get("set_id"),
        app_id=notice.values.get("app_id"),
        contact_id=notice.values.get("contact_id"),
    )
    if notice.template == Template.PASSKEY_RELEASED:
        disputed.tree.passkey_ids |= {notice.values.get("passkey_id", "")} - {""}
    return disputed


def _session_of(session: Session, notice: Message) -> str | None:
    """Which session a notice is about; of a recovery, the one that it has opened, if it has."""
    recovery_id = notice.values.get("recovery_id")
    recovery = recoveries.find(session, recovery_id) if recovery_id else None
    return notice.by_session or (recovery.session_id if recovery else None)


def _require_authority(session: Session, account: Account, notice: Message, bearer: Bearer | None) -> None:
    if bearer is None:
        _require_established_contact(session, account, notice)
        return
    session_id = _session_of(session, notice)
    web_session = sessions.look_up(session, session_id) if session_id else None
    by = Assurance(notice.by_assurance) if notice.by_assurance else Assurance.LOW
    began_at = _began_at(web_session) if web_session else notice.created_at
    is_enough = may_object_from_within(bearer, by=by, began_at=began_at)
    if not is_enough or (web_session and web_session.session_id == bearer.session_id):
        raise ObjectionNotFromHere


def _began_at(web_session: WebSession) -> datetime:
    """When a visit began: at its own root if it is one, so that what goes back to it is not older than it."""
    is_root = web_session.method in (Method.SMS, Method.SMS_AFTER_END, Method.RESCUE, Method.RECOVERY)
    return web_session.rooted_at if is_root and web_session.rooted_at else web_session.started_at


def _require_established_contact(session: Session, account: Account, notice: Message) -> None:
    """A link has its force only at a contact that was established when the notice went out, and is still told."""
    if notice.template in WITHOUT_CODE and notice.channel == Channel.SMS:
        raise ObjectionNotFromHere
    for contact in contacts.to_tell(session, account, now=notice.created_at):
        if are_same(contact.address, notice.recipient) and contact.channel == notice.channel:
            if contact.trust.is_established(notice.created_at):
                return
            raise ObjectionNotFromHere


def _restore_sms(session: Session, account: Account, *, at: datetime) -> None:
    """Bring text-message codes back, but not by itself to a number that is younger than the SIM-swap window."""
    policy = journeys.policy_of(session, account.account_id) or STANDARD
    phone = contacts.present(session, account).get(Channel.SMS)
    if phone is None or (phone.contact_id and phone.trust.bound_at + policy.sim_swap_window > at):
        return
    if account.sms in (SmsState.NOTICE, SmsState.SUSPENDED):
        sms.restore(session, account.account_id, at=at, actor=Actor.PERSON, reason="objection")


def _end_dispute(session: Session, account: Account, *, at: datetime) -> None:
    accounts.end_dispute(session, account)
    for recovery in recoveries.under_way(session, account.account_id):
        if recovery.stage == RecoveryStage.WAITING:
            recovery_notices.wait_anew(session, recovery, at=at)
    policy = waits.policy_now(session, account.account_id, now=at)
    waiting_changes.begin_anew(session, account.account_id, at=at, wait=policy.cooling_off)
    establishing.begin_anew(
        session,
        account.account_id,
        cooling_off=policy.cooling_off,
        sim_swap_window=policy.sim_swap_window,
        at=at,
    )


def _keep(session: Session, account: Account, objection: Objection) -> None:
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
    notices.tell(session, account, Template.OBJECTION_NOTED, event=objection.objection_id, at=at)
