"""Cohorts: their descriptions, the standing of their rollouts, and the journal of what operators did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, Column, Index, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import Refused, Unknown
from domain.rollouts.cohorts import Cohort
from domain.rollouts.rollout import UNDER_WAY, Standing
from store.engine.types import Instant
from store.journeys import policies

_COHORT = TypeAdapter(Cohort)
_STANDING = TypeAdapter(Standing)


class StoredCohort(SQLModel, table=True):
    """One cohort. Its `salt` is drawn once, so membership never changes. `stage` is the standing's, for queries.

    `archived_at`: since when it is off the lists; None while it is on them.
    """

    __tablename__ = "cohort"

    cohort_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    name: str = Field(unique=True)
    salt: str = Field(default_factory=lambda: str(uuid7()))
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    policy_id: str = Field(foreign_key="policy.policy_id")
    stage: str
    standing: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    launched_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class CohortEntry(SQLModel, table=True):
    """One thing that happened to a rollout: who did it, when, and why."""

    __tablename__ = "cohort_journal"
    __table_args__ = (Index("ix_cohort_journal_cohort", "cohort_id", "entry_id"),)

    entry_id: int | None = Field(default=None, primary_key=True)
    cohort_id: str = Field(foreign_key="cohort.cohort_id")
    kind: str
    by: str
    reason: str
    at: datetime = Field(sa_type=Instant)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def add(session: Session, cohort: Cohort, *, at: datetime, by: str, reason: str) -> StoredCohort:
    """Keep a new cohort that is about to be launched. Raises Refused if another cohort has its name."""
    if by_name(session, cohort.name):
        raise Refused(f"there is a cohort named {cohort.name} already")
    standing = Standing(since=at)
    row = StoredCohort(
        name=cohort.name,
        body=_COHORT.dump_python(cohort, mode="json"),
        policy_id=policies.store(session, cohort.policy, at=at),
        stage=standing.stage,
        standing=_STANDING.dump_python(standing, mode="json"),
        launched_at=at,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as taken:  # another transaction has just added the name
        raise Refused(f"there is a cohort named {cohort.name} already") from taken
    note(session, row.cohort_id, "launch", by=by, reason=reason, at=at)
    return row


def get(session: Session, cohort_id: str, *, still: bool = False) -> StoredCohort:
    """The cohort of an id; `still`: it stays as it is until the transaction ends. Raises Unknown."""
    if still:
        row = session.get(StoredCohort, cohort_id, with_for_update={"read": True}, populate_existing=True)
    else:
        row = session.get(StoredCohort, cohort_id)
    if row is None:
        raise Unknown(f"no cohort {cohort_id}")
    return row


def lock(session: Session, cohort_id: str) -> StoredCohort:
    """The cohort of an id, for a change: nobody else changes it until the transaction ends. Raises Unknown."""
    row = session.get(StoredCohort, cohort_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Unknown(f"no cohort {cohort_id}")
    return row


def by_name(session: Session, name: str) -> StoredCohort | None:
    """The cohort of a name; None if there is none."""
    return session.exec(select(StoredCohort).where(StoredCohort.name == name)).first()


def every(session: Session) -> Sequence[StoredCohort]:
    """All cohorts, the newest first."""
    return session.exec(select(StoredCohort).order_by(col(StoredCohort.cohort_id).desc())).all()


def listed(session: Session, *, is_archived: bool = False, name_part: str = "") -> Sequence[StoredCohort]:
    """The cohorts on the list, or those off it, whose names have this part in any letters; the newest first."""
    archived_at = col(StoredCohort.archived_at)
    query = select(StoredCohort).where(archived_at.is_not(None) if is_archived else archived_at.is_(None))
    if name_part:
        query = query.where(func.lower(StoredCohort.name).contains(name_part.lower(), autoescape=True))
    return session.exec(query.order_by(col(StoredCohort.cohort_id).desc())).all()


def put_away(session: Session, cohort_id: str, *, at: datetime | None) -> None:
    """Take a cohort off the lists, or bring it back without a time. Raises Unknown."""
    row = get(session, cohort_id)
    row.archived_at = at
    session.add(row)
    session.flush()


def under_way(session: Session) -> list[StoredCohort]:
    """The cohorts whose rollouts are not over."""
    return [row for row in every(session) if row.stage in UNDER_WAY]


def description(row: StoredCohort) -> Cohort:
    """The description that operators have given."""
    return _COHORT.validate_python(row.body)


def standing(row: StoredCohort) -> Standing:
    """The standing of its rollout."""
    return _STANDING.validate_python(row.standing)


def describe_anew(session: Session, cohort_id: str, cohort: Cohort, *, at: datetime) -> None:
    """Change the description of a launched cohort, by an edit that its rollout has taken. Raises Unknown."""
    row = get(session, cohort_id)
    row.body = _COHORT.dump_python(cohort, mode="json")
    row.policy_id = policies.store(session, cohort.policy, at=at)
    session.add(row)
    session.flush()


def stand(session: Session, cohort_id: str, new_standing: Standing) -> None:
    """Record where a rollout stands; an older version never overwrites a newer one."""
    row = session.get(StoredCohort, cohort_id, with_for_update=True, populate_existing=True)
    if row is None or standing(row).version > new_standing.version:
        return
    row.stage, row.standing = new_standing.stage, _STANDING.dump_python(new_standing, mode="json")
    session.add(row)
    session.flush()


def note(
    session: Session, cohort_id: str, kind: str, *, by: str, reason: str, at: datetime, **detail: Any
) -> None:
    """Write one entry of the cohort's journal."""
    session.add(CohortEntry(cohort_id=cohort_id, kind=kind, by=by, reason=reason, at=at, detail=detail))
    session.flush()


def has_entry(session: Session, cohort_id: str, kind: str, *, since: datetime, reason: str) -> bool:
    """Whether the cohort's journal has an entry of this kind and reason since a time."""
    query = select(CohortEntry.entry_id).where(
        CohortEntry.cohort_id == cohort_id,
        CohortEntry.kind == kind,
        CohortEntry.reason == reason,
        CohortEntry.at >= since,
    )
    return session.exec(query).first() is not None


def latest_at(session: Session, cohort_id: str, kind: str) -> datetime | None:
    """When the newest entry of a kind was made; None if there is none."""
    query = select(func.max(CohortEntry.at)).where(
        CohortEntry.cohort_id == cohort_id, CohortEntry.kind == kind
    )
    return session.exec(query).one()


def entries(session: Session, cohort_id: str, *, limit: int = 100) -> Sequence[CohortEntry]:
    """The latest entries of a cohort's journal, newest first."""
    query = select(CohortEntry).where(CohortEntry.cohort_id == cohort_id)
    return session.exec(query.order_by(col(CohortEntry.entry_id).desc()).limit(limit)).all()
