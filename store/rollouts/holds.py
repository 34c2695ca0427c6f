"""Holds journeys while their cohort, or retiring for them, is stopped; releases them when that goes on."""

from datetime import datetime

from sqlmodel import Session, col, select, text

from domain.journal import Actor, EventKind
from domain.rollouts.rollout import FROZEN, Stage
from domain.switches import Switch
from store.journeys import switches
from store.people import accounts, journal
from store.people.accounts import Account
from store.rollouts.cohorts import StoredCohort
from store.rollouts.members import Member


def is_frozen(session: Session, account_id: str, *, for_act: bool = False) -> bool:
    """Whether nothing new may happen to an account, because its cohort is paused or given up.

    `for_act`: the cohort's row stays locked against a new stage until the transaction ends. When an order is written
    down, no act of before is under way any more, so that what an abort takes back is all there is.
    """
    query = (
        select(StoredCohort.stage)
        .join(Member, col(Member.cohort_id) == StoredCohort.cohort_id)
        .where(
            Member.account_id == account_id,
            col(Member.launched_at).is_not(None),
        )
    )
    if for_act:
        query = query.with_for_update(read=True, of=StoredCohort)
    return any(stage in FROZEN for stage in session.exec(query).all())


def is_paused(session: Session, account_id: str) -> bool:
    """Whether the cohort that has launched an account is paused. One that was given up holds nobody for ever."""
    query = (
        select(StoredCohort.cohort_id)
        .join(Member, col(Member.cohort_id) == StoredCohort.cohort_id)
        .where(
            Member.account_id == account_id,
            col(Member.launched_at).is_not(None),
            StoredCohort.stage == Stage.PAUSED,
        )
    )
    return session.exec(query.limit(1)).first() is not None


def hold(session: Session, account_id: str, *, at: datetime) -> None:
    """Note that a journey wanted to act and may not; it waits for its release."""
    account = accounts.lock(session, account_id)
    if account.held_since:
        return
    account.held_since = at
    session.add(account)
    journal.append(session, account_id, EventKind.HELD, at=at, actor=Actor.JOURNEY)


def release_idle(session: Session, *, at: datetime, batch: int) -> int:
    """Let the next held journeys go on whose cohort does not hold them; returns how many there were.

    They waited while retiring was stopped; those for whom it still is wait on.
    """
    is_stopped = switches.held_by(switches.open_stops(session, Switch.RETIRING))
    frozen = (
        select(Member.account_id)
        .join(StoredCohort, col(StoredCohort.cohort_id) == Member.cohort_id)
        .where(
            Member.account_id == Account.account_id,
            col(Member.launched_at).is_not(None),
            col(StoredCohort.stage).in_(FROZEN),
        )
    )
    query = select(Account.account_id).where(text("held_since IS NOT NULL"), ~frozen.exists(), ~is_stopped)
    account_ids = session.exec(query.order_by(Account.account_id).limit(batch)).all()
    for account_id in account_ids:
        accounts.lock(session, account_id).held_since = None
        journal.append(session, account_id, EventKind.RELEASED, at=at, actor=Actor.SYSTEM)
    return len(account_ids)


def release(session: Session, cohort_id: str, *, at: datetime, batch: int) -> int:
    """Let the next held journeys of a cohort go on; returns how many there were."""
    query = (
        select(Account.account_id)
        .join(Member, col(Member.account_id) == Account.account_id)
        .where(Member.cohort_id == cohort_id, col(Account.held_since).is_not(None))
        .order_by(Account.account_id)
        .limit(batch)
    )
    account_ids = session.exec(query).all()
    for account_id in account_ids:
        accounts.lock(session, account_id).held_since = None
        journal.append(session, account_id, EventKind.RELEASED, at=at, actor=Actor.STAFF)
    return len(account_ids)
