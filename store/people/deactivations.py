"""Accounts that their host has deactivated: their sessions end at once, and everything else stays as it is."""

from datetime import datetime

from sqlmodel import Session

from domain.journal import Actor, EventKind
from store.people import journal, sessions
from store.people.accounts import Account


def deactivate(session: Session, account: Account, *, at: datetime) -> None:
    """Deactivate a locked account, and end its sessions."""
    _note(session, account, at)
    sessions.end_all(session, account.account_id, at=at)
    journal.append(session, account.account_id, EventKind.ACCOUNT_DEACTIVATED, at=at, actor=Actor.HOST)


def reactivate(session: Session, account: Account, *, at: datetime) -> None:
    """Make a locked account active again: its ways in work as before."""
    _note(session, account, None)
    journal.append(session, account.account_id, EventKind.ACCOUNT_REACTIVATED, at=at, actor=Actor.HOST)


def _note(session: Session, account: Account, deactivated_at: datetime | None) -> None:
    account.deactivated_at = deactivated_at
    session.add(account)
    session.flush()
