"""Reads what a pack says of a cohort, line by line: its orders, its assessments, and the policies behind it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from store.journeys.journeys import Journey
from store.journeys.policies import StoredPolicy
from store.rollouts.cohorts import CohortEntry
from store.rollouts.members import Member
from store.rollouts.tallies import CohortTally

_AT_ONCE = 200


def orders(session: Session, cohort_id: str) -> Iterator[CohortEntry]:
    """Everything that was done with a cohort's rollout, oldest first."""
    last_id = 0
    while True:
        query = select(CohortEntry).where(
            CohortEntry.cohort_id == cohort_id, col(CohortEntry.entry_id) > last_id
        )
        rows = session.exec(query.order_by(col(CohortEntry.entry_id)).limit(_AT_ONCE)).all()
        session.expunge_all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last_id = rows[-1].entry_id or 0


def assessments(session: Session, cohort_id: str) -> Iterator[CohortTally]:
    """Every look at a cohort's guardrails, oldest first."""
    last_at: datetime | None = None
    while True:
        query = select(CohortTally).where(CohortTally.cohort_id == cohort_id)
        if last_at:
            query = query.where(CohortTally.at > last_at)
        rows = session.exec(query.order_by(col(CohortTally.at)).limit(_AT_ONCE)).all()
        session.expunge_all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last_at = rows[-1].at


def policy_names(session: Session, cohort_id: str) -> list[str]:
    """The names of the policies by which a cohort's members are moved now: an edit may have changed the name."""
    query = (
        select(StoredPolicy.name)
        .join(Journey, col(Journey.policy_id) == StoredPolicy.policy_id)
        .join(Member, col(Member.account_id) == Journey.account_id)
        .where(Member.cohort_id == cohort_id)
    )
    return list(session.exec(query.distinct()).all())


def policies(session: Session, names: Sequence[str]) -> list[StoredPolicy]:
    """All versions of the policies of some names, oldest first."""
    query = select(StoredPolicy).where(col(StoredPolicy.name).in_(names))
    return list(session.exec(query.order_by(StoredPolicy.name, col(StoredPolicy.version))).all())
