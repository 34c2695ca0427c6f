"""Keys by which another desk acts for a member: kept as digests, for a time, with fewer rights than the member."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.codes import digest
from domain.errors import Unknown
from store.engine.types import Instant
from store.staff.staff import StaffMember

KEY_LIFETIME = timedelta(days=365)
"""How long a key works unless the member ends it earlier."""

_NOTED_EVERY = timedelta(minutes=1)


class StaffKey(SQLModel, table=True):
    """One key of one member."""

    __tablename__ = "staff_key"

    key_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    digest: str = Field(unique=True)
    staff_id: str = Field(foreign_key="staff.staff_id", index=True)
    name: str
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    def is_unnoted(self, now: datetime) -> bool:
        """Whether the use of the key has to be written down: not every request does so."""
        return self.last_used_at is None or now - self.last_used_at >= _NOTED_EVERY


def make(
    session: Session,
    staff_id: str,
    token: str,
    *,
    name: str,
    at: datetime,
    lifetime: timedelta = KEY_LIFETIME,
) -> StaffKey:
    """Keep a new key under the digest of its token."""
    key = StaffKey(digest=digest(token), staff_id=staff_id, name=name, made_at=at, expires_at=at + lifetime)
    session.add(key)
    session.flush()
    return key


def find(session: Session, token: str, *, now: datetime) -> tuple[StaffKey, StaffMember] | None:
    """The key of a token, and its member; None unless both are current."""
    key = session.exec(select(StaffKey).where(StaffKey.digest == digest(token))).first()
    if key is None or key.ended_at or key.expires_at <= now:
        return None
    member = session.get(StaffMember, key.staff_id)
    return None if member is None or member.ended_at else (key, member)


def note_use(session: Session, key_id: str, *, at: datetime) -> None:
    """Note when a key was last used."""
    session.execute(update(StaffKey).where(col(StaffKey.key_id) == key_id).values(last_used_at=at))


def of_member(session: Session, staff_id: str, *, now: datetime) -> Sequence[StaffKey]:
    """A member's keys that work, oldest first."""
    query = select(StaffKey).where(
        StaffKey.staff_id == staff_id, col(StaffKey.ended_at).is_(None), col(StaffKey.expires_at) > now
    )
    return session.exec(query.order_by(col(StaffKey.made_at))).all()


def end(session: Session, staff_id: str, key_id: str, *, at: datetime) -> StaffKey:
    """End a key of this member. Raises Unknown."""
    key = session.get(StaffKey, key_id)
    if key is None or key.staff_id != staff_id or key.ended_at:
        raise Unknown(f"no key {key_id} of this member")
    key.ended_at = at
    session.add(key)
    session.flush()
    return key
