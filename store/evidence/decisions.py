"""Reads what staff did about accounts and a cohort, from the audit."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from domain.staff.staff import AuditKind
from store.staff import audit
from store.staff.audit import AuditEntry, Sought

_LOOKS = (AuditKind.CASE_SEEN, AuditKind.LIST_SEEN)
"""What decides nothing: the audit keeps each look at a case, and those are many."""


def of_accounts(session: Session, account_ids: Sequence[str]) -> Sequence[AuditEntry]:
    """What staff did about some accounts, oldest first; looks alone are left out."""
    query = select(AuditEntry).where(
        col(AuditEntry.account_id).in_(account_ids), col(AuditEntry.kind).not_in(_LOOKS)
    )
    rows = session.exec(query.order_by(col(AuditEntry.entry_id))).all()
    session.expunge_all()
    return rows


def of_cohort(session: Session, cohort_id: str) -> Iterator[AuditEntry]:
    """What staff did with a cohort as a whole, oldest first."""
    entries = audit.read(session, Sought(cohort_id=cohort_id))
    return (entry for entry in entries if entry.account_id is None)
