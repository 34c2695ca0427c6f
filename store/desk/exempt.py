"""Lists the people who are exempt, with the basis and the end; the exemption that ends next comes first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, and_, col, exists, or_

from domain.desk.exemptions import ExemptionStanding
from domain.desk.stuck_filters import Mark
from store.desk import list_rows
from store.desk.list_rows import ListRow
from store.engine.spreadsheets import harmless
from store.people.exemptions import Exemption
from store.rollouts.members import Member

COLUMNS = (
    *("external_id", "account_id", "exempt_for", "until", "milestone", "sms", "cohort", "wave", "policy"),
    *("exemption_id", "since", "review_at"),
)

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Exempt:
    """One person whom support has exempted; `rest` is the basis's code. `is_due`: somebody should look at it."""

    person: ListRow
    exemption_id: str
    rest: str
    since: datetime
    until: datetime
    review_at: datetime
    is_due: bool


@dataclass(frozen=True, kw_only=True)
class ExemptPage:
    """One page of the list; `after` is the mark for the next page, and None on the last."""

    people: tuple[Exempt, ...]
    after: Mark | None = None


@dataclass(frozen=True, kw_only=True)
class ExemptFilter:
    """Whom to list: by the code of a basis, by cohort, or only those who are due for review."""

    basis: str | None = None
    cohort_id: str | None = None
    is_due: bool = False


@dataclass(frozen=True, kw_only=True)
class ExemptCounts:
    """How many people are exempt: on each basis that somebody is exempt on, and due for review."""

    by_basis: Mapping[str, int]
    due: int


EVERYBODY = ExemptFilter()


def page(
    session: Session, wanted: ExemptFilter, *, now: datetime, after: Mark | None = None, limit: int = 50
) -> ExemptPage:
    """The next people of the list."""
    listed = list(session.scalars(listing(wanted, now=now, after=after, limit=limit + 1)))
    described = list_rows.describe(session, [row.account_id for row in listed[:limit]], now=now)
    people = tuple(_exempt(described[row.account_id], row, now) for row in listed[:limit])
    if len(listed) <= limit:
        return ExemptPage(people=people)
    return ExemptPage(people=people, after=Mark(at=people[-1].until, account_id=people[-1].person.account_id))


def listing(wanted: ExemptFilter, *, now: datetime, after: Mark | None, limit: int) -> Select[Exemption]:
    """The query behind one page."""
    query = select(Exemption).where(*_filtered(wanted, now))
    if after:
        query = query.where(_behind(after))
    return query.order_by(col(Exemption.expires_at), col(Exemption.account_id)).limit(limit)


def counts(session: Session, *, now: datetime, cohort_id: str | None = None) -> ExemptCounts:
    """How many people are exempt. Members exempt people by hand, so there are few to count."""
    basis = col(Exemption.basis)
    query = select(basis, func.count()).where(*_filtered(ExemptFilter(cohort_id=cohort_id), now))
    due = _filtered(ExemptFilter(cohort_id=cohort_id, is_due=True), now)
    return ExemptCounts(
        by_basis={
            str(code): people for code, people in session.execute(query.group_by(basis).order_by(basis))
        },
        due=session.scalar(select(func.count()).select_from(Exemption).where(*due)) or 0,
    )


def census(session: Session, *, now: datetime) -> dict[ExemptionStanding, int]:
    """How many exemptions last, by how they stand."""
    counted = counts(session, now=now)
    return {
        ExemptionStanding.IN_FORCE: sum(counted.by_basis.values()) - counted.due,
        ExemptionStanding.REVIEW_DUE: counted.due,
    }


def rows(session: Session, wanted: ExemptFilter, *, now: datetime) -> Iterator[tuple[str, ...]]:
    """The list as rows of a file: a header, then everybody. Contacts are left out, not masked."""
    yield COLUMNS
    after: Mark | None = None
    while True:
        listed = list(session.scalars(listing(wanted, now=now, after=after, limit=_AT_ONCE)))
        described = list_rows.describe(session, [row.account_id for row in listed], now=now)
        yield from (harmless(_cells(described[row.account_id], row)) for row in listed)
        if len(listed) < _AT_ONCE:
            return
        after = Mark(at=listed[-1].expires_at, account_id=listed[-1].account_id)


def _filtered(wanted: ExemptFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions = [col(Exemption.ended_at).is_(None), col(Exemption.expires_at) > now]
    if wanted.basis is not None:
        conditions.append(col(Exemption.basis) == wanted.basis)
    if wanted.is_due:
        conditions.append(col(Exemption.review_at) <= now)
    if wanted.cohort_id is not None:
        conditions.append(is_in_cohort(wanted.cohort_id))
    return conditions


def is_in_cohort(cohort_id: str) -> ColumnElement[bool]:
    """Whether the account of an exemption is a member of a cohort."""
    return exists().where(col(Member.account_id) == Exemption.account_id, col(Member.cohort_id) == cohort_id)


def _behind(after: Mark) -> ColumnElement[bool]:
    until = col(Exemption.expires_at)
    return and_(until >= after.at, or_(until > after.at, col(Exemption.account_id) > after.account_id))


def _exempt(person: ListRow, row: Exemption, now: datetime) -> Exempt:
    return Exempt(
        person=person,
        exemption_id=row.exemption_id,
        rest=row.basis,
        since=row.granted_at,
        until=row.expires_at,
        review_at=row.review_at,
        is_due=row.review_at <= now,
    )


def _cells(person: ListRow, row: Exemption) -> tuple[str, ...]:
    return (
        person.external_id,
        person.account_id,
        row.basis,
        row.expires_at.isoformat(),
        person.milestone or "",
        person.sms,
        person.cohort or "",
        "" if person.wave is None else str(person.wave + 1),
        person.policy or "",
        row.exemption_id,
        row.granted_at.isoformat(),
        row.review_at.isoformat(),
    )
