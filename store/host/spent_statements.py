"""Statements that clients have signed and that were used: each is good once."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col

from domain.codes import digest
from store.engine.types import Instant
from store.engine.upserts import insert


class SpentStatement(SQLModel, table=True):
    """One statement, by its client and the digest of its `jti`; kept until it would have expired anyway."""

    __tablename__ = "spent_statement"

    client_id: str = Field(primary_key=True)
    jti_digest: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=Instant, index=True)


def spend(session: Session, *, client_id: str, jti: str, expires_at: datetime) -> bool:
    """Use a statement up; False if it was used before."""
    row = insert(session, SpentStatement).values(
        client_id=client_id, jti_digest=digest(jti), expires_at=expires_at
    )
    spent = row.on_conflict_do_nothing().returning(col(SpentStatement.jti_digest))
    return session.execute(spent).first() is not None
