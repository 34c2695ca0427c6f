"""Switches text-message codes off and on again. Nothing else writes an account's SMS state.

Every step towards the end of SMS raises RetiringStopped while retiring is stopped for everybody; restoring never does.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, select
from uuid_utils.compat import uuid7

from domain.errors import NotSafeYet, Refused
from domain.facts import Channel, Facts, SmsState
from domain.journal import Actor, EventKind
from domain.journey import JourneyOutcome, notice_runs_from, off_proof, passkey_counts_from
from domain.messages.messages import Template
from domain.policy import Policy
from domain.trust import Bearer
from store.engine.types import Instant
from store.journeys import facts, journeys, retiring
from store.messages import messages, notices
from store.people import accounts, contacts, journal
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

    A second call does nothing, unless the first notice arrived by no channel: then the person gets another notice, and
    its days begin again. Nor does a call before the evidence is established: cooling-off first, then notice.
    """
    account = accounts.lock(session, account_id)
    account_facts = facts.read(session, account_id)
    is_missed = account.sms == SmsState.NOTICE and account_facts.notice_missed
    if account.sms != SmsState.ON and not is_missed:
        return
    if account.sms == SmsState.ON and not _is_evident(account_facts, policy, at):
        return
    retiring.require(session)
    account.stuck_since = account.stuck_reason = None
    version = _change(session, account, SmsState.NOTICE, EventKind.NOTICE_GIVEN, at=at)
    values = {"days": str(ceil(policy.notice / timedelta(days=1)))}
    notices.tell(session, account, Template.SMS_NOTICE, event=str(version), at=at, values=values)


def suspend(session: Session, account_id: str, policy: Policy, *, at: datetime) -> None:
    """`notice` → `suspended`, on proof. Raises NotSafeYet, and changes nothing, without notice or proof."""
    account = accounts.lock(session, account_id)
    if account.sms in (SmsState.SUSPENDED, SmsState.REMOVED):
        return
    retiring.require(session)
    if account.sms != SmsState.NOTICE:  # the person has just restored it
        raise NotSafeYet(("notice",))
    account_facts = facts.read(session, account_id)
    notice_began_at, counts_from = notice_runs_from(account_facts), passkey_counts_from(account_facts, policy)
    if notice_began_at is None or max(notice_began_at, counts_from or notice_began_at) + policy.notice > at:
        raise NotSafeYet(("notice",))
    _prove(session, account, policy, SmsState.SUSPENDED, at=at)
    version = _change(session, account, SmsState.SUSPENDED, EventKind.SMS_SUSPENDED, at=at)
    notices.tell(session, account, Template.SMS_SUSPENDED, event=str(version), at=at)


def remove(session: Session, account_id: str, policy: Policy, *, at: datetime) -> None:
    """`suspended` → `removed`, on a fresh proof; the journey ends. The policy may ask to forget the phone.

    Raises NotSafeYet, and changes nothing, without suspension or proof.
    """
    account = accounts.lock(session, account_id)
    if account.sms == SmsState.REMOVED:
        return
    retiring.require(session)
    if account.sms != SmsState.SUSPENDED:
        raise NotSafeYet(("suspended",))
    _prove(session, account, policy, SmsState.REMOVED, at=at)
    version = _change(session, account, SmsState.REMOVED, EventKind.SMS_REMOVED, at=at)
    notices.tell(session, account, Template.SMS_REMOVED, event=str(version), at=at)
    if policy.forget_phone:
        contacts.end(session, account, Channel.SMS, at=at, ended_in=None)
        account.phone = None
        session.add(account)
        contacts.forget_phones(session, account_id)
        messages.forget_phone(session, account_id)
    journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=at)


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
    """`notice` or `suspended` → `on`, at once. Raises Refused when SMS is `removed`.

    `bearer` is the session that restores it; `detail` is added to the journal entry.
    """
    account = accounts.lock(session, account_id)
    if account.sms == SmsState.REMOVED:
        raise Refused("text-message codes are gone for good for this account")
    if account.sms == SmsState.ON:
        return
    account.restored_at = at
    version = _change(
        session, account, SmsState.ON, EventKind.SMS_RESTORED, at=at, actor=actor, reason=reason, **detail
    )
    # Codes that are on again do not arrive by that: only their owner's own START opens a number that answered STOP.
    values = {"stopped": "yes" if facts.read(session, account_id).texts_stopped else "no"}
    notices.tell(session, account, Template.SMS_RESTORED, event=str(version), at=at, by=bearer, values=values)


def proofs(session: Session, account_id: str) -> list[StoredOffProof]:
    """The proofs on which this account's SMS was switched off."""
    return list(session.exec(select(StoredOffProof).where(StoredOffProof.account_id == account_id)).all())


def _is_evident(account_facts: Facts, policy: Policy, at: datetime) -> bool:
    counts_from = passkey_counts_from(account_facts, policy)
    return counts_from is not None and counts_from <= at and not account_facts.unconfirmed


def _prove(session: Session, account: Account, policy: Policy, state: SmsState, *, at: datetime) -> None:
    proof = off_proof(facts.read(session, account.account_id), policy, at)
    evidence = asdict(proof)
    for name, value in evidence.items():
        if isinstance(value, datetime):
            evidence[name] = value.isoformat()
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
