"""Contacts that do not reach their person, whoever is to blame, or by which the person wants no reminders.

A fault belongs to one phone number or e-mail address: a new contact in its place starts without faults.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from domain.facts import Channel
from domain.messages.messages import CONTACT_FAULTS, NOT_ARRIVED, Fate
from domain.safety.contact_keys import contact_key
from store.engine.types import Instant
from store.people.accounts import Account

LEFT_ALL_LISTS = "unsubscribe"
"""The reason of an opt-out from everything that a provider sends for us."""


class ContactFault(SQLModel, table=True):
    """What is wrong with one contact of one account; `contact` is its key, and `fate` is never `delivered`."""

    __tablename__ = "contact_fault"
    __table_args__ = (Index("ix_contact_fault_since", "since", "account_id"),)

    account_id: str = Field(primary_key=True, foreign_key="account.account_id")
    channel: str = Field(primary_key=True)
    contact: str
    fate: str
    reason: str
    since: datetime = Field(sa_type=Instant)

    @property
    def is_broken(self) -> bool:
        """Whether nothing arrives at the contact, and the contact is to blame."""
        return self.fate in CONTACT_FAULTS

    def is_about(self, contact: str | None) -> bool:
        """Whether the fault is that of this contact, in whatever spelling."""
        return contact is not None and self.contact == contact_key(contact)

    @property
    def is_withheld(self) -> bool:
        """Whether the provider does not carry messages there, and the contact is not to blame."""
        return self.fate == Fate.WITHHELD


def note(
    session: Session,
    account_id: str,
    channel: Channel,
    *,
    contact: str,
    fate: Fate,
    reason: str,
    at: datetime,
) -> bool:
    """Keep a fault; False if the same contact has one already that is as weighty."""
    earlier_fault = session.get(ContactFault, (account_id, channel))
    if earlier_fault and earlier_fault.is_about(contact) and not fate.outranks(Fate(earlier_fault.fate)):
        return False
    key = contact_key(contact)
    fault = earlier_fault or ContactFault(
        account_id=account_id, channel=channel, contact=key, fate=fate, reason=reason, since=at
    )
    fault.contact, fault.fate, fault.reason, fault.since = key, fate, reason, at
    session.add(fault)
    session.flush()
    return True


def clear(
    session: Session,
    account_id: str,
    channel: Channel,
    *,
    contact: str,
    at: datetime,
    sent_at: datetime | None = None,
) -> bool:
    """Forget that nothing arrived at a contact, because something did; False if nothing was known against it at `at`.

    A person's wish to have no reminders stays. What was sent before its owner answered STOP tells nothing of today,
    however late its arrival is told.
    """
    fault = session.get(ContactFault, (account_id, channel))
    if fault is None or not fault.is_about(contact) or fault.fate not in NOT_ARRIVED or fault.since > at:
        return False
    if fault.fate == Fate.STOPPED and sent_at is not None and sent_at <= fault.since:
        return False
    session.delete(fault)
    session.flush()
    return True


def take_back(session: Session, account_id: str, channel: Channel, *, contact: str, at: datetime) -> bool:
    """Forget that the person wanted no reminders; False if they had not said so, said so after `at`, or called it spam.

    Whoever has left all lists of the provider does not come back by joining one.
    """
    fault = session.get(ContactFault, (account_id, channel))
    if fault is None or not fault.is_about(contact) or fault.fate != Fate.UNSUBSCRIBED or fault.since > at:
        return False
    if fault.reason == LEFT_ALL_LISTS:
        return False
    session.delete(fault)
    session.flush()
    return True


def of_accounts(session: Session, account_ids: Sequence[str]) -> dict[tuple[str, Channel], ContactFault]:
    """The faults of several accounts, by account and channel."""
    query = select(ContactFault).where(col(ContactFault.account_id).in_(account_ids))
    return {(fault.account_id, Channel(fault.channel)): fault for fault in session.exec(query)}


def of_account(session: Session, account: Account) -> dict[Channel, ContactFault]:
    """The faults of the contacts that an account has now, by channel."""
    present_contacts = contacts(account)
    faults = of_accounts(session, [account.account_id])
    return {
        channel: fault
        for (_, channel), fault in faults.items()
        if fault.is_about(present_contacts.get(channel))
    }


def contacts(account: Account) -> dict[Channel, str]:
    """The contacts that an account has, working or not."""
    by_channel = {Channel.EMAIL: account.email, Channel.SMS: account.phone}
    return {channel: contact for channel, contact in by_channel.items() if contact}
