"""How many reminders a contact may have: as many as a policy allows, whatever accounts and cohorts they are about."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, func, select

from domain.policy import Policy
from store.messages import message_facts


def take_turn(session: Session, contacts: Iterable[str]) -> None:
    """Whoever else would remind these contacts waits until this transaction ends (SQLite has one writer anyway).

    Accounts that share a contact have no row in common to lock, and each would count without the other's reminder.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    # In one order everywhere, so that two who want the same contacts do not wait for each other.
    for contact in sorted(contacts):
        session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(contact, 0)))).one()


def full_until(session: Session, contact: str, policy: Policy, *, now: datetime) -> datetime | None:
    """When a contact may be reminded again; None: now."""
    if not policy.cap:
        return None
    had = message_facts.nudges_to(session, contact, since=now - policy.cap_window)
    return had[-policy.cap] + policy.cap_window if len(had) >= policy.cap else None
