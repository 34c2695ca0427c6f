"""Which secret keys were the newest of the ring, from when until when: ids only, never a key."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from store.engine.types import Instant
from store.engine.upserts import insert


class SecretKeyTimes(SQLModel, table=True):
    """When a key was first and last noted as the newest.

    `was_alone`: it was noted first of all, and was the only key then. So digests that name no key hang on it.
    """

    __tablename__ = "secret_key"

    key_id: str = Field(primary_key=True)
    newest_since: datetime = Field(sa_type=Instant)
    newest_until: datetime = Field(sa_type=Instant)
    was_alone: bool = False


def note(session: Session, ring: Sequence[str], *, at: datetime) -> None:
    """Note which key is the newest of a ring of ids, newest first."""
    is_first = session.exec(select(SecretKeyTimes.key_id).limit(1)).first() is None
    newest = insert(session, SecretKeyTimes).values(
        key_id=ring[0], newest_since=at, newest_until=at, was_alone=is_first and len(ring) == 1
    )
    session.execute(newest.on_conflict_do_update(index_elements=["key_id"], set_={"newest_until": at}))


def every(session: Session) -> Sequence[SecretKeyTimes]:
    """All keys that were ever the newest, the first one first."""
    return session.exec(select(SecretKeyTimes).order_by(col(SecretKeyTimes.newest_since))).all()
