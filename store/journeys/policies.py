"""Policies, stored whole and by version: a change is a new row, so the rules of a journey stay on record."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import Unknown
from domain.policy import Policy
from store.engine.types import Instant
from store.engine.upserts import insert

_POLICY = TypeAdapter(Policy)


class StoredPolicy(SQLModel, table=True):
    """One version of one policy."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("name", "version"),)

    policy_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    name: str
    version: int
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    stored_at: datetime = Field(sa_type=Instant)


def store(session: Session, policy: Policy, *, at: datetime) -> str:
    """Keep a policy and return its id; the same policy again is the same row."""
    body = _POLICY.dump_python(policy, mode="json")
    latest = _latest(session, policy.name)
    if latest and latest.body == body:
        return latest.policy_id
    version = latest.version + 1 if latest else 1
    row = StoredPolicy(name=policy.name, version=version, body=body, stored_at=at).model_dump()
    added = (
        insert(session, StoredPolicy).values(row).on_conflict_do_nothing(index_elements=["name", "version"])
    )
    policy_id = session.execute(added.returning(col(StoredPolicy.policy_id))).scalar_one_or_none()
    # Somebody else may have been quicker: then it is theirs, or ours is the version after.
    return policy_id or store(session, policy, at=at)


def get(session: Session, policy_id: str) -> Policy:
    """The policy of an id."""
    row = session.get(StoredPolicy, policy_id)
    if row is None:
        raise Unknown(f"no policy {policy_id}")
    return _POLICY.validate_python(row.body)


def every(session: Session) -> dict[str, Policy]:
    """All policies by their ids: as many as there are cohorts, and edits of them."""
    return {row.policy_id: _POLICY.validate_python(row.body) for row in session.exec(select(StoredPolicy))}


def _latest(session: Session, name: str) -> StoredPolicy | None:
    query = select(StoredPolicy).where(StoredPolicy.name == name)
    return session.exec(query.order_by(col(StoredPolicy.version).desc()).limit(1)).first()
