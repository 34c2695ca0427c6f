"""The keys that sign packs of evidence: public halves for everybody, private halves sealed. None is ever deleted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select

from store.engine.types import Instant
from store.engine.upserts import insert


class EvidenceKey(SQLModel, table=True):
    """One key: its id, which is the digest of its public half, that half (PEM), and the sealed private half."""

    __tablename__ = "evidence_key"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    key_id: str = Field(unique=True)
    public: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = Field(sa_type=Instant)


def every(session: Session) -> Sequence[EvidenceKey]:
    """All keys, the one that signs first."""
    return session.exec(select(EvidenceKey).order_by(col(EvidenceKey.number).desc())).all()


def newest(session: Session) -> EvidenceKey | None:
    """The key that signs; None before the first is made."""
    newest_first = select(EvidenceKey).order_by(col(EvidenceKey.number).desc())
    return session.exec(newest_first.limit(1)).first()


def get(session: Session, number: int) -> EvidenceKey:
    """The key of a number, which is there."""
    return session.exec(select(EvidenceKey).where(EvidenceKey.number == number)).one()


def add(session: Session, number: int, *, key_id: str, public: str, sealed: bytes, at: datetime) -> None:
    """Keep a new key, unless another process has made one of this number at this moment."""
    row = insert(session, EvidenceKey).values(
        number=number, key_id=key_id, public=public, sealed=sealed, made_at=at
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["number"]))
