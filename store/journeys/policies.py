"""Policies, stored whole and by version: a change is a new row, so the rules of a journey stay on record."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
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
    """Keep a policy and return its id; a policy that equals the newest version of its name adds no row."""
    body = _POLICY.dump_python(policy, mode="json")
    newest = _newest(session, policy.name)
    if newest and read(newest.body) == policy:
        return newest.policy_id
    version = newest.version + 1 if newest else 1
    row = StoredPolicy(name=policy.name, version=version, body=body, stored_at=at).model_dump()
    statement = (
        insert(session, StoredPolicy).values(row).on_conflict_do_nothing(index_elements=["name", "version"])
    )
    policy_id = session.execute(statement.returning(col(StoredPolicy.policy_id))).scalar_one_or_none()
    # Another transaction may have stored this version first. If its policy differs, this one becomes the next version.
    return policy_id or store(session, policy, at=at)


def get(session: Session, policy_id: str) -> Policy:
    """The policy of an id."""
    row = session.get(StoredPolicy, policy_id)
    if row is None:
        raise Unknown(f"no policy {policy_id}")
    return read(row.body)


def read(body: Mapping[str, Any]) -> Policy:
    """The policy of a row's body."""
    return _POLICY.validate_python(body)


@lru_cache(maxsize=256)
def read_json(body: str) -> Policy:
    """The policy of a row's body as its JSON text; read once, because policies are few."""
    return _POLICY.validate_json(body)


def every(session: Session) -> dict[str, Policy]:
    """All policies by their ids. They are few: one for each cohort, and one for each edit of a cohort."""
    return {row.policy_id: read(row.body) for row in session.exec(select(StoredPolicy))}


def _newest(session: Session, name: str) -> StoredPolicy | None:
    query = select(StoredPolicy).where(StoredPolicy.name == name)
    return session.exec(query.order_by(col(StoredPolicy.version).desc()).limit(1)).first()
