"""Reads the facts of an account that the rules of acts ask for."""

from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from domain.desk.acts import Rest, Subject
from domain.facts import Channel
from domain.host.ceremonies import Ceremonies
from domain.messages.messages import Purpose, Template
from domain.policy import Policy
from domain.presets import STANDARD
from store.journeys import facts, journeys
from store.messages import caps, contact_faults
from store.messages.messages import Message
from store.people import accounts, host_routes, passkeys
from store.people.accounts import Account
from store.rollouts import holds
from store.safety import rescues
from store.staff import staff_requests

BY_SUPPORT = "support"
"""The reason on a contact that support has marked as wrong."""


def read(session: Session, account_id: str, *, now: datetime) -> Subject:
    """What is true of an account, as far as acts depend on it. Raises Unknown."""
    account = accounts.get(session, account_id)
    journey = journeys.find(session, account_id)
    policy = journeys.policy_of(session, account_id) or STANDARD
    account_facts = facts.read(session, account_id)
    contacts = contact_faults.contacts(account)
    return Subject(
        facts=account_facts,
        policy=policy,
        is_under_way=journey is not None and journey.ended_at is None,
        is_frozen=holds.is_frozen(session, account_id),
        rest=Rest(account.rest) if account.rest else None,
        contacts=frozenset(contacts),
        marked_wrong=_marked(session, account),
        unused=frozenset(contacts) - frozenset(account_facts.channels),
        capped=_capped(session, account, policy, now=now),
        devices={
            passkey.passkey_id: passkey.last_used_at is not None
            for passkey in passkeys.active(session, account_id)
        },
        suspects=frozenset(
            passkey.passkey_id
            for passkey in passkeys.kept(session, account_id)
            if passkey.frozen_at and passkey.suspicion
        ),
        last_message_at=_last_message_at(session, account_id),
        is_rescue_open=rescues.is_open(
            session, account_id, now=now, requests=staff_requests.of_account(session, account_id)
        ),
        is_at_host=host_routes.ceremonies(session) is Ceremonies.ORCHESTRATED,
    )


def _marked(session: Session, account: Account) -> frozenset[Channel]:
    faults = contact_faults.of_accounts(session, [account.account_id])
    return frozenset(
        channel
        for channel, contact in contact_faults.contacts(account).items()
        if (fault := faults.get((account.account_id, channel)))
        and fault.is_about(contact)
        and fault.reason == BY_SUPPORT
    )


def _capped(session: Session, account: Account, policy: Policy, *, now: datetime) -> frozenset[Channel]:
    """The channels whose contact has had as many reminders as the policy allows."""
    return frozenset(
        channel
        for channel, contact in contact_faults.contacts(account).items()
        if caps.full_until(session, contact, policy, now=now)
    )


def _last_message_at(session: Session, account_id: str) -> datetime | None:
    query = select(func.max(col(Message.created_at))).where(
        Message.account_id == account_id,
        or_(col(Message.purpose) == Purpose.NUDGE, col(Message.template) == Template.SMS_NOTICE),
    )
    return session.exec(query).one()
