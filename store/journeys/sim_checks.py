"""Look-ups of SIMs: claimed before the carrier is asked, so that nothing is asked and paid for twice."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from domain.journal import Actor, EventKind
from domain.safety.sim import SimAnswer, SimFinding
from store.people import accounts, journal
from store.people.accounts import Account


def claim(session: Session, account_id: str, *, rooted_at: datetime, at: datetime) -> bool:
    """Claim the one look-up for the passkey that was bound by text message at `rooted_at`.

    False if it was claimed before: whoever claimed it was lost, and may have asked.
    """
    account = accounts.lock(session, account_id)
    if account.sim_claimed_at and account.sim_claimed_at >= rooted_at:
        return False
    account.sim_claimed_at = at
    session.add(account)
    session.flush()
    return True


def release(session: Session, account_id: str) -> None:
    """Give a claim back, because the carrier was certainly not asked."""
    account = accounts.lock(session, account_id)
    account.sim_claimed_at = None
    session.add(account)
    session.flush()


def ask_again(session: Session, source: str, *, at: datetime, limit: int = 200) -> int:
    """Let journeys ask again where another source, or nobody, knew nothing; returns how many were found."""
    query = select(Account.account_id).where(
        text("sim_answer = 'unknown'"), col(Account.sim_source).is_not(None), Account.sim_source != source
    )
    account_ids = session.exec(query.limit(limit)).all()
    for account_id in account_ids:
        account = accounts.lock(session, account_id)
        account.sim_asked_at = account.sim_claimed_at = account.sim_answer = account.sim_source = None
        session.add(account)
        kind = EventKind.SIM_ASKED_AGAIN
        journal.append(session, account_id, kind, at=at, actor=Actor.SYSTEM, source=source)
    return len(account_ids)


def doubt(session: Session, account: Account, *, changed_at: datetime) -> None:
    """Note that the number may have changed hands, by the host's word; what is known of a later change stays."""
    account.sim_changed_at = max(changed_at, account.sim_changed_at or changed_at)
    account.sim_checked_at = max(changed_at, account.sim_checked_at or changed_at)
    session.add(account)
    session.flush()


def note(session: Session, account_id: str, finding: SimFinding, *, source: str, at: datetime) -> None:
    """Keep what a look-up came to. What the host has told of a later swap stays."""
    account = accounts.lock(session, account_id)
    account.sim_asked_at, account.sim_answer, account.sim_source = at, finding.answer, source
    if finding.answer is not SimAnswer.UNKNOWN:
        account.sim_checked_at = at
    if finding.changed_at and (account.sim_changed_at is None or account.sim_changed_at < finding.changed_at):
        account.sim_changed_at = finding.changed_at
    session.add(account)
    journal.append(
        session,
        account_id,
        EventKind.SIM_CHECKED,
        at=at,
        actor=Actor.JOURNEY,
        answer=finding.answer,
        reason=finding.reason or None,
    )
