"""The register as evidence: every exemption of an account, of a cohort's members, or of everybody, with its end."""

from collections.abc import Iterator

from sqlmodel import Session, col, or_, select

from domain.desk.exemptions import ExemptionRecord
from store.desk.exempt import is_in_cohort
from store.people.exemptions import Exemption

_AT_ONCE = 500


def records(
    session: Session, *, account_id: str | None = None, cohort_id: str | None = None
) -> Iterator[ExemptionRecord]:
    """Exemptions in the order in which they were granted, those that are over, too; without a filter, everybody's."""
    query = select(Exemption).order_by(col(Exemption.granted_at), col(Exemption.exemption_id)).limit(_AT_ONCE)
    if account_id is not None:
        query = query.where(Exemption.account_id == account_id)
    if cohort_id is not None:
        query = query.where(is_in_cohort(cohort_id))
    rows = session.exec(query).all()
    while rows:
        yield from (row.record() for row in rows)
        at, last_id = col(Exemption.granted_at), rows[-1].exemption_id
        is_behind = or_(at > rows[-1].granted_at, col(Exemption.exemption_id) > last_id)
        rows = session.exec(query.where(at >= rows[-1].granted_at, is_behind)).all()
