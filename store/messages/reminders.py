"""Ends and resumes reminders as the person wishes; notices about the account's safety still go out."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import LinkRejected
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import OPT_OUTS, Fate
from domain.safety.contact_keys import are_same
from store.messages import contact_faults, messages
from store.messages.contact_faults import ContactFault
from store.people import accounts, journal


def stop(session: Session, key: str, *, reason: str, at: datetime) -> bool:
    """End reminders to the contact that a message went to; False if that contact gets none anyway.

    A contact that the account no longer has gets no reminders. An old message has forgotten where it went: whoever has
    its link has had reminders, so they end at the contact that the account has now. Raises LinkRejected when there is
    no such message.
    """
    message = messages.find(session, key)
    if message is None or message.account_id is None:
        raise LinkRejected("no message of an account came by this link")
    account_id, channel = message.account_id, Channel(message.channel)
    present_contact = contact_faults.contacts(accounts.lock(session, account_id)).get(channel)
    contact = message.recipient or present_contact or ""
    is_present = are_same(present_contact, contact)
    if not is_present or channel in stopped(session, account_id):
        return False
    fate = Fate.UNSUBSCRIBED
    contact_faults.note(session, account_id, channel, contact=contact, fate=fate, reason=reason, at=at)
    kind = EventKind.REMINDERS_STOPPED
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, channel=channel, key=key, by=reason)
    return True


def resume(session: Session, account_id: str, channel: Channel, *, at: datetime) -> bool:
    """Send reminders by a channel again; False if its reminders had not been ended."""
    accounts.lock(session, account_id)
    fault = stopped(session, account_id).get(channel)
    if fault is None:
        return False
    session.delete(fault)
    session.flush()
    kind = EventKind.CONTACT_WORKS_AGAIN
    journal.append(session, account_id, kind, at=at, actor=Actor.PERSON, channel=channel)
    return True


def stopped(session: Session, account_id: str) -> dict[Channel, ContactFault]:
    """The channels by which the person wants no reminders, at the contacts that the account has now."""
    faults = contact_faults.of_account(session, accounts.get(session, account_id))
    return {channel: fault for channel, fault in faults.items() if fault.fate in OPT_OUTS}
