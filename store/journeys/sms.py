"""Switches text-message codes off and on again. Nothing else writes an account's SMS state.

Every step towards the end of SMS raises RetiringStopped while retiring is stopped for the person; restoring never.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, select
from uuid_utils.compat import uuid7

from domain.errors import NotSafeYet, Refused
from domain.facts import Channel, Facts, HostChange, SmsState
from domain.journal import Actor, EventKind
from domain.journey import (
    JourneyOutcome,
    passkey_counts_from,
    removal_due_at,
    suspension_due_at,
)
from domain.messages.messages import Template
from domain.notices import needs_another_notice, whole_days
from domain.policy import Policy
from domain.rights.pseudonyms import ERASED
from domain.safety.off_proof import off_proof
from domain.trust import Bearer
from domain.upkeep.check_ups import FIRST_AFTER
from store.engine.types import Instant
from store.journeys import check_ups, facts, host_words, journeys, retiring
from store.messages import messages, notices
from store.people import accounts, contact_changes, host_routes, journal
from store.people.accounts import Account


class StoredOffProof(SQLModel, table=True):
    """The evidence on which SMS was suspended or removed, as it stood at that moment."""

    __tablename__ = "off_proof"

    proof_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id", index=True)
    state: str
    at: datetime = Field(sa_type=Instant)
    evidence: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


def give_notice(session: Session, account_id: str, policy: Policy, *, at: datetime) -> None:
    """`on` → `notice`: tell the person when text-message codes will be switched off.

    A second call does nothing, with two exceptions. If the first notice arrived by no channel, the person gets another
    one, and its days begin again. If codes end later than the person was told, another letter tells the later day.
    Nor does a call before the evidence is established: cooling-off first, then notice.
    """
    account = accounts.lock(session, account_id)
    account_facts = facts.read(session, account_id)
    if account.sms == SmsState.NOTICE and not account_facts.notice_missed:
        _give_later_notice(session, account, account_facts, policy, at=at)
        return
    if account.sms not in (SmsState.ON, SmsState.NOTICE):
        return
    if account.sms == SmsState.ON and not _is_evident(account_facts, policy, at):
        return
    retiring.require(session, account.account_id)
    account.stuck_since = account.stuck_reason = None
    version = _change(session, account, SmsState.NOTICE, EventKind.NOTICE_GIVEN, at=at)
    announce(session, account, policy.notice, event=str(version), at=at)


def announce(session: Session, account: Account, length: timedelta, *, event: str, at: datetime) -> None:
    """Tell the person how long text-message codes are left on; what a letter has told holds from then on."""
    values = {"days": whole_days(length), "seconds": str(int(length.total_seconds()))}
    notices.tell(session, account, Template.SMS_NOTICE, event=event, at=at, values=values)


def suspend(session: Session, account_id: str, policy: Policy, *, at: datetime) -> None:
    """`notice` → `suspended`, on proof. Raises NotSafeYet, and changes nothing, without notice or proof.

    Nor does it without the host's word, where the policy wants it.
    """
    account = accounts.lock(session, account_id)
    if account.sms in (SmsState.SUSPENDED, SmsState.REMOVED):
        return
    retiring.require(session, account.account_id)
    require_suspension_due(session, account, policy, at=at)
    host_words.require_confirmed(session, account_id, HostChange.SUSPEND, policy)
    _prove(session, account, policy, SmsState.SUSPENDED, at=at)
    host_words.note_done(session, account_id)
    account.removal_not_before = at + policy.probation
    version = _change(session, account, SmsState.SUSPENDED, EventKind.SMS_SUSPENDED, at=at)
    notices.tell(session, account, Template.SMS_SUSPENDED, event=str(version), at=at)


def remove(session: Session, account_id: str, policy: Policy, *, at: datetime) -> None:
    """`suspended` → `removed`, on a fresh proof; the journey ends. The policy may ask to forget the phone.

    Raises NotSafeYet, and changes nothing, without suspension or proof, while the person can still restore it, or
    without the host's word, where the policy wants it.
    """
    account = accounts.lock(session, account_id)
    if account.sms == SmsState.REMOVED:
        return
    retiring.require(session, account.account_id)
    require_removal_due(session, account, policy, at=at)
    host_words.require_confirmed(session, account_id, HostChange.REMOVE, policy)
    _prove(session, account, policy, SmsState.REMOVED, at=at)
    host_words.note_done(session, account_id)
    version = _change(session, account, SmsState.REMOVED, EventKind.SMS_REMOVED, at=at)
    notices.tell(session, account, Template.SMS_REMOVED, event=str(version), at=at)
    if policy.forget_phone:
        contact_changes.end(session, account, Channel.SMS, at=at, ended_in=None)
        account.phone = None
        session.add(account)
        contact_changes.forget_phones(session, account_id)
        messages.forget_phone(session, account_id)
    journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=at)
    check_ups.schedule(session, account_id, due_at=at + FIRST_AFTER)


def require_suspension_due(session: Session, account: Account, policy: Policy, *, at: datetime) -> None:
    """Raise NotSafeYet unless the notice has run its days."""
    if account.sms != SmsState.NOTICE:  # the person has just restored it
        raise NotSafeYet(("notice",))
    due_at = suspension_due_at(facts.read(session, account.account_id), policy)
    if due_at is None or due_at > at:
        raise NotSafeYet(("notice",))


def require_removal_due(session: Session, account: Account, policy: Policy, *, at: datetime) -> None:
    """Raise NotSafeYet unless codes have been suspended for as long as the person was told."""
    if account.sms != SmsState.SUSPENDED:
        raise NotSafeYet(("suspended",))
    due_at = removal_due_at(facts.read(session, account.account_id), policy)
    if due_at is None or due_at > at:
        raise NotSafeYet(("probation",))


def restore(
    session: Session,
    account_id: str,
    bearer: Bearer | None = None,
    /,
    *,
    at: datetime,
    actor: Actor,
    reason: str,
    **detail: Any,
) -> None:
    """`notice` or `suspended` → `on`, at once, and tell the person. Raises Refused when SMS is `removed`.

    A host that may have switched codes off is asked to restore them, too; nobody waits for its answer.

    `bearer` is the session that restores it; `detail` is added to the journal entry.
    """
    account = accounts.lock(session, account_id)
    if account.sms == SmsState.REMOVED:
        raise Refused("text-message codes are gone for good for this account")
    if account.sms == SmsState.ON:
        return
    account.restored_at = at
    template = Template.SMS_KEPT if account.sms == SmsState.NOTICE else Template.SMS_RESTORED
    version = _change(
        session, account, SmsState.ON, EventKind.SMS_RESTORED, at=at, actor=actor, reason=reason, **detail
    )
    host_words.ask_back(session, account_id, at=at, actor=actor)
    # Codes that are on again do not arrive by that: only their owner's own START opens a number that answered STOP.
    values = {"stopped": "yes" if facts.read(session, account_id).texts_stopped else "no"}
    notices.tell(session, account, template, event=str(version), at=at, by=bearer, values=values)


def give_back(session: Session, account: Account, *, at: datetime, **detail: Any) -> None:
    """Any state → `on`, for a locked account that is about to be erased: its host is told, and nobody else.

    Whoever is erased has no passkey here any more, so that codes that were gone for good can be their only way in.
    """
    kind, actor = EventKind.SMS_RESTORED, Actor.STAFF
    if account.sms != SmsState.ON:
        _change(session, account, SmsState.ON, kind, at=at, actor=actor, reason=ERASED, **detail)
    # The host may have switched off what is on here.
    host_words.ask_back(session, account.account_id, at=at, actor=actor)


def proofs(session: Session, account_id: str) -> list[StoredOffProof]:
    """The proofs on which this account's SMS was switched off."""
    return list(session.exec(select(StoredOffProof).where(StoredOffProof.account_id == account_id)).all())


def _give_later_notice(
    session: Session, account: Account, account_facts: Facts, policy: Policy, *, at: datetime
) -> None:
    """Tell the day to somebody who was told an earlier one; if it is past, because of a pause, all days begin again."""
    due_at = suspension_due_at(account_facts, policy)
    if due_at is None or not needs_another_notice(account_facts, ends_at=due_at):
        return
    retiring.require(session, account.account_id)
    kind = EventKind.NOTICE_GIVEN
    version = journal.append(session, account.account_id, kind, at=at, actor=Actor.JOURNEY)
    length = due_at - at if due_at > at else policy.notice
    announce(session, account, length, event=str(version), at=at)


def _is_evident(account_facts: Facts, policy: Policy, at: datetime) -> bool:
    counts_from = passkey_counts_from(account_facts, policy)
    return counts_from is not None and counts_from <= at and not account_facts.unconfirmed


def _prove(session: Session, account: Account, policy: Policy, state: SmsState, *, at: datetime) -> None:
    proof = off_proof(facts.read(session, account.account_id), policy, at)
    evidence = asdict(proof)
    for name, value in evidence.items():
        if isinstance(value, datetime):
            evidence[name] = value.isoformat()
    if cited := host_routes.citations(session, account.account_id, uses=policy.proving_days):
        evidence["host_events"] = [citation.stored() for citation in cited]
    session.add(StoredOffProof(account_id=account.account_id, state=state, at=at, evidence=evidence))
    session.flush()  # the database refuses the change that follows without the proof


def _change(
    session: Session,
    account: Account,
    state: SmsState,
    kind: EventKind,
    *,
    at: datetime,
    actor: Actor = Actor.JOURNEY,
    **detail: Any,
) -> int:
    account.sms, account.sms_since = state, at
    session.add(account)
    return journal.append(session, account.account_id, kind, at=at, actor=actor, **detail)
