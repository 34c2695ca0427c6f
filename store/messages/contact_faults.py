"""Contacts that do not reach their person, or by which the person wants no reminders.

What is on record here is about one phone number or address: another one in its place starts afresh.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from domain.facts import Channel
from domain.messages.messages import CONTACT_FAULTS, Fate
from store.engine.types import Instant
from store.people.accounts import Account


class ContactFault(SQLModel, table=True):
    """The latest thing to know of one contact of one account; `fate` is never `delivered`."""

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
        """Whether nothing arrives there; otherwise it is the person who wants no reminders."""
        return self.fate in CONTACT_FAULTS


def note(
    session: Session,
    account_id: str,
    channel: Channel,
    *,
    contact: str,
    fate: Fate,
    reason: str,
    at: datetime,
) -> None:
    """Keep a fault; of one contact the weightier word stays."""
    known = session.get(ContactFault, (account_id, channel))
    if known and known.contact == contact and not fate.outranks(Fate(known.fate)):
        return
    fault = known or ContactFault(
        account_id=account_id, channel=channel, contact=contact, fate=fate, reason=reason, since=at
    )
    fault.contact, fault.fate, fault.reason, fault.since = contact, fate, reason, at
    session.add(fault)
    session.flush()


def clear(session: Session, account_id: str, channel: Channel, *, contact: str, at: datetime) -> bool:
    """Forget that a contact was broken, since something has arrived there; False if it was not, or broke later.

    That the person wants no reminders stays.
    """
    known = session.get(ContactFault, (account_id, channel))
    if known is None or known.contact != contact or not known.is_broken or known.since > at:
        return False
    session.delete(known)
    session.flush()
    return True


def of_accounts(session: Session, account_ids: Sequence[str]) -> dict[tuple[str, Channel], ContactFault]:
    """What is known of the contacts of several accounts, by account and channel."""
    query = select(ContactFault).where(col(ContactFault.account_id).in_(account_ids))
    return {(fault.account_id, Channel(fault.channel)): fault for fault in session.exec(query)}


def of_account(session: Session, account: Account) -> dict[Channel, ContactFault]:
    """What is known of the contacts that an account has now, by channel."""
    present = contacts(account)
    faults = of_accounts(session, [account.account_id])
    return {channel: fault for (_, channel), fault in faults.items() if fault.contact == present.get(channel)}


def contacts(account: Account) -> dict[Channel, str]:
    """The contacts that an account has, working or not."""
    known = {Channel.EMAIL: account.email, Channel.SMS: account.phone}
    return {channel: contact for channel, contact in known.items() if contact}
