"""Caps the reminders that one contact may have, whatever accounts and cohorts they are about."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, func, select

from domain.policy import Policy
from domain.safety.contact_keys import contact_key
from store.messages import message_facts


def take_turn(session: Session, contacts: Iterable[str]) -> None:
    """Lock contacts until this transaction ends; other reminders to them wait (SQLite has one writer anyway).

    Accounts that share a contact have no common row to lock, and each would count without the other's reminder.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    # In one order everywhere, so that two transactions with the same contacts do not wait for each other.
    for key in sorted(map(contact_key, contacts)):
        session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0)))).one()


def full_until(session: Session, contact: str, policy: Policy, *, now: datetime) -> datetime | None:
    """When a contact may have another reminder; None means now."""
    if not policy.cap:
        return None
    nudged_at = message_facts.nudges_to(session, contact, since=now - policy.cap_window)
    return nudged_at[-policy.cap] + policy.cap_window if len(nudged_at) >= policy.cap else None
