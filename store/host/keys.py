"""Keys of hosts: kept as digests, each with its scopes, its end, and when and from where it was used last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import JSON, Column, ColumnElement, Connection, Select, bindparam
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.codes import digest
from domain.errors import Unknown
from domain.host.keys import KeyEnd, KeyHolder, KeyScope, hint_of, key_end
from store.engine.types import Instant

_NOTED_EVERY = timedelta(minutes=1)


class HostKey(SQLModel, table=True):
    """One key. `ended_at` may lie ahead, after a rotation; `replaced_by` is the key that took its place."""

    __tablename__ = "host_key"

    key_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    digest: str = Field(unique=True)
    hint: str
    name: str
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    calls_per_second: int
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    replaced_by: str | None = None
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    last_used_from: str | None = None

    @property
    def works_until(self) -> datetime:
        """When it expires, or was ended, whichever is earlier."""
        return min(self.expires_at, self.ended_at or self.expires_at)

    def end_at(self, now: datetime) -> KeyEnd:
        """Whether it works at a moment."""
        return key_end(expires_at=self.expires_at, ended_at=self.ended_at, now=now)


@dataclass(frozen=True, kw_only=True)
class FoundKey:
    """The key that a request brings: who makes the request, and what was written down of the last one."""

    holder: KeyHolder
    last_used_at: datetime | None
    last_used_from: str | None

    def is_unnoted(self, address: str, now: datetime) -> bool:
        """Whether this use has to be written down: not every request does so."""
        return (
            self.last_used_at is None
            or now - self.last_used_at >= _NOTED_EVERY
            or self.last_used_from != address
        )


def make(
    session: Session,
    token: str,
    *,
    name: str,
    scopes: Sequence[KeyScope],
    calls_per_second: int,
    made_by: str,
    at: datetime,
    lifetime: timedelta,
) -> HostKey:
    """Keep a new key under the digest of its token."""
    key = HostKey(
        digest=digest(token),
        hint=hint_of(token),
        name=name,
        scopes=list(scopes),
        calls_per_second=calls_per_second,
        made_by=made_by,
        made_at=at,
        expires_at=at + lifetime,
    )
    session.add(key)
    session.flush()
    return key


def find(connection: Connection, token: str, *, now: datetime) -> FoundKey | None:
    """The key of a token; None unless it works now."""
    row = connection.execute(_by_digest(), {"digest": digest(token)}).first()
    if (
        row is None
        or key_end(expires_at=row.expires_at, ended_at=row.ended_at, now=now) is not KeyEnd.CURRENT
    ):
        return None
    holder = KeyHolder(
        key_id=row.key_id,
        name=row.name,
        scopes=frozenset(KeyScope(scope) for scope in row.scopes),
        calls_per_second=row.calls_per_second,
    )
    return FoundKey(holder=holder, last_used_at=row.last_used_at, last_used_from=row.last_used_from)


@cache
def _by_digest() -> Select[Any]:
    """Built once, because every request of a host runs it."""
    key = HostKey.__table__.c  # type: ignore[attr-defined]
    return sqlalchemy.select(*key).where(key.digest == bindparam("digest"))


def get(session: Session, key_id: str, *, lock: bool = False) -> HostKey:
    """The key of an id; `lock` it for a change that no other one may cross. Raises Unknown."""
    key = session.get(HostKey, key_id, with_for_update=lock, populate_existing=lock)
    if key is None:
        raise Unknown(f"no key {key_id}")
    return key


def every(session: Session) -> Sequence[HostKey]:
    """All keys that there ever were, newest first."""
    return session.exec(
        select(HostKey).order_by(col(HostKey.made_at).desc(), col(HostKey.key_id).desc())
    ).all()


def _works(now: datetime) -> ColumnElement[bool]:
    return (col(HostKey.ended_at).is_(None) | (col(HostKey.ended_at) > now)) & (col(HostKey.expires_at) > now)


def is_any_current(session: Session, *, now: datetime) -> bool:
    """Whether a host has a key that works: then its word counts."""
    return session.exec(select(HostKey.key_id).where(_works(now)).limit(1)).first() is not None


def may_vouch(session: Session, *, now: datetime) -> bool:
    """Whether a host has a key by which it may vouch for somebody who gets back in."""
    scopes = session.exec(select(HostKey.scopes).where(_works(now)))
    return any(KeyScope.RECOVERIES_WRITE in held for held in scopes)


def note_use(session: Session, key_id: str, *, at: datetime, address: str) -> None:
    """Note when a key was last used, and from which network address."""
    used = update(HostKey).where(col(HostKey.key_id) == key_id)
    session.execute(used.values(last_used_at=at, last_used_from=address))


def end(session: Session, key: HostKey, *, at: datetime, replaced_by: str | None = None) -> None:
    """End a key at a moment, which may lie ahead. An end that is earlier already stays."""
    key.ended_at = min(at, key.ended_at or at)
    key.replaced_by = replaced_by or key.replaced_by
    session.add(key)
    session.flush()
