"""Contacts that are another person's now, by the host's word: they are ended, and their present owner hears nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from domain.facts import Channel
from domain.safety.contact_keys import contact_key
from store.people import contact_changes, contacts
from store.people.accounts import CONTACT_KEYS, Account
from store.people.contacts import ContactRecord


def owners(session: Session, channel: Channel, address: str) -> Sequence[str]:
    """The ids of the accounts that have a contact, or had it and may still be told of changes there; in order."""
    key = contact_key(address)
    present = select(Account.account_id).where(CONTACT_KEYS[channel] == key)
    former = select(ContactRecord.account_id).where(
        ContactRecord.channel == channel,
        or_(col(ContactRecord.address) == address, func.lower(ContactRecord.address) == key),
        col(ContactRecord.disowned_at).is_(None),
    )
    return sorted({*session.exec(present), *session.exec(former)})


def disown(session: Session, account: Account, channel: Channel, address: str, *, at: datetime) -> bool:
    """End a contact of an account for good, whether it is the account's now or was; False if it is not now.

    The account is locked. The number goes even if it is the last way in: it is open to a stranger alone.
    """
    key, own = contact_key(address), contacts.address_of(account, channel)
    is_own = own is not None and contact_key(own) == key
    if is_own:
        contact_changes.end(session, account, channel, at=at, ended_in=None)
    for record in contacts.history(session, account):
        if record.channel == channel and contact_key(record.address) == key and record.ended_at:
            record.disowned_at = record.disowned_at or at
            session.add(record)
    session.flush()  # the guard of the number looks for the record
    if is_own:
        _take_off(account, channel)
        session.add(account)
        session.flush()
    return is_own


def _take_off(account: Account, channel: Channel) -> None:
    if channel is Channel.SMS:
        account.phone = None
    else:
        account.email = account.email_verified_at = None
