"""Asks the host about text-message codes in its own system, when their end is due or until they are back."""

from datetime import datetime

from sqlmodel import Session

from domain.asking import answer_due_at, refusal_stands
from domain.errors import NotSafeYet
from domain.facts import Facts, HostChange, SmsState
from domain.journal import Actor
from domain.policy import Policy
from domain.safety.off_proof import off_proof
from store.journeys import facts, host_words, journeys, retiring, sms
from store.people import accounts

REFUSED = "host_refused"
"""Why codes stay on that the host did not want to end."""

REOPENED = "host_reopened"
"""Why codes come back that the host has switched on by itself."""

PROOF_LOST = "proof_lost"
"""Why codes come back by themselves otherwise."""


def ask_to_end(session: Session, account_id: str, policy: Policy, *, at: datetime) -> None:
    """Ask the host to suspend or to remove codes, as the account's state says. Asked already, it does nothing.

    Raises NotSafeYet before the change is due, without proof, after a refusal, and while a restore is asked for;
    RetiringStopped while retiring is stopped for the account.
    """
    account = accounts.lock(session, account_id)
    change = HostChange.SUSPEND if account.sms == SmsState.NOTICE else HostChange.REMOVE
    account_facts = facts.read(session, account_id)
    if account_facts.host_asked is change and not _is_overdue(account_facts, policy, at=at):
        return
    if account_facts.host_asked is HostChange.RESTORE or refusal_stands(account_facts, change):
        raise NotSafeYet(("host",))
    retiring.require(session, account_id)
    if change is HostChange.SUSPEND:
        sms.require_suspension_due(session, account, policy, at=at)
    else:
        sms.require_removal_due(session, account, policy, at=at)
    off_proof(account_facts, policy, at)
    host_words.ask(session, account_id, change, at=at, actor=Actor.JOURNEY)


def ask_for_restore(session: Session, account_id: str, *, at: datetime) -> None:
    """Ask the host once more to restore codes, if it has not answered in time."""
    accounts.lock(session, account_id)
    account_facts, policy = facts.read(session, account_id), journeys.require_policy(session, account_id)
    if account_facts.host_asked is HostChange.RESTORE and _is_overdue(account_facts, policy, at=at):
        host_words.ask(session, account_id, HostChange.RESTORE, at=at, actor=Actor.JOURNEY)


def is_confirmed(session: Session, account_id: str) -> bool:
    """Whether the host has done what it was asked, and the journey has not followed yet."""
    accounts.lock(session, account_id)
    word = host_words.find(session, account_id)
    return word is not None and word.confirmed_at is not None


def reason_to_restore(account_facts: Facts) -> str:
    """Why a journey switches codes on again."""
    if account_facts.sms is SmsState.NOTICE and refusal_stands(account_facts, HostChange.SUSPEND):
        return REFUSED
    return REOPENED if account_facts.host_reopened else PROOF_LOST


def _is_overdue(account_facts: Facts, policy: Policy, *, at: datetime) -> bool:
    due_at = answer_due_at(account_facts, policy)
    return due_at is not None and due_at <= at
