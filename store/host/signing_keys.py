"""The keys that sign ID tokens: the private halves lie sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, select

from domain.host.signing_keys import KeyTimes
from store.engine.types import Instant
from store.engine.upserts import insert


class SigningKey(SQLModel, table=True):
    """One key: its public half (JWK), its sealed private half, and from when it signs."""

    __tablename__ = "signing_key"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kid: str = Field(unique=True)
    public: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = Field(sa_type=Instant)
    signs_from: datetime = Field(sa_type=Instant)

    @property
    def times(self) -> KeyTimes:
        """Its place in the order of keys."""
        return KeyTimes(number=self.number, signs_from=self.signs_from)


def every(session: Session) -> Sequence[SigningKey]:
    """All keys that are kept, newest first."""
    newest_first = select(SigningKey).order_by(col(SigningKey.number).desc())
    return session.exec(newest_first.execution_options(populate_existing=True)).all()


def add(
    session: Session, times: KeyTimes, *, kid: str, public: dict[str, Any], sealed: bytes, at: datetime
) -> None:
    """Keep a new key, unless another process has made the same one at this moment."""
    row = insert(session, SigningKey).values(
        number=times.number, kid=kid, public=public, sealed=sealed, made_at=at, signs_from=times.signs_from
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["number"]))


def delete_before(session: Session, number: int) -> None:
    """Delete the keys that were made before a key."""
    session.execute(delete(SigningKey).where(col(SigningKey.number) < number))
