"""Requests of hosts that name themselves by an `Idempotency-Key`: each is done once, and answered as before again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import JSON, Column, ColumnElement
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from store.engine.types import Instant
from store.engine.upserts import insert

KEPT_FOR = timedelta(hours=24)
"""How long an answer is kept for whoever asks the same again."""

UNDER_WAY_FOR = timedelta(minutes=1)
"""How long a request counts as under way, should the process that took it die."""


class AnsweredRequest(SQLModel, table=True):
    """One request by its own name. Without `status` it is under way. The answer lies sealed: it may name a person.

    `headers` are those of the answer that say something, besides its media type.
    """

    __tablename__ = "host_request"

    key_id: str = Field(primary_key=True)
    name_digest: str = Field(primary_key=True)
    fingerprint: str
    began_at: datetime = Field(sa_type=Instant, index=True)
    status: int | None = None
    media_type: str | None = None
    headers: dict[str, str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    sealed_body: bytes | None = None


def begin(
    session: Session, *, key_id: str, name_digest: str, fingerprint: str, now: datetime
) -> AnsweredRequest | None:
    """Claim a request; returns the one that came before it under this name, or None if this one is to be done.

    One that was under way for too long, or that is older than answers are kept, is taken over.
    """
    claim = insert(session, AnsweredRequest).values(
        key_id=key_id, name_digest=name_digest, fingerprint=fingerprint, began_at=now
    )
    is_free = (
        col(AnsweredRequest.status).is_(None) & (col(AnsweredRequest.began_at) <= now - UNDER_WAY_FOR)
    ) | (col(AnsweredRequest.began_at) <= now - KEPT_FOR)
    upsert = claim.on_conflict_do_update(
        index_elements=["key_id", "name_digest"],
        set_={
            "fingerprint": fingerprint,
            "began_at": now,
            "status": None,
            "media_type": None,
            "headers": None,
            "sealed_body": None,
        },
        where=is_free,
    ).returning(col(AnsweredRequest.key_id))
    if session.execute(upsert).first() is not None:
        return None
    before = (AnsweredRequest.key_id == key_id, AnsweredRequest.name_digest == name_digest)
    return session.exec(select(AnsweredRequest).where(*before)).one()


def answer(
    session: Session,
    *,
    key_id: str,
    name_digest: str,
    began_at: datetime,
    status: int,
    media_type: str,
    headers: Mapping[str, str],
    sealed_body: bytes,
) -> None:
    """Keep the answer of a request that was claimed, unless another one has taken it over since."""
    row = _claim(key_id, name_digest, began_at)
    answered = {
        "status": status,
        "media_type": media_type,
        "headers": dict(headers),
        "sealed_body": sealed_body,
    }
    session.execute(update(AnsweredRequest).where(*row).values(**answered))


def forget(session: Session, *, key_id: str, name_digest: str, began_at: datetime) -> None:
    """Let a request be tried again, because it was not done; one that has taken it over stays."""
    session.execute(delete(AnsweredRequest).where(*_claim(key_id, name_digest, began_at)))


def _claim(key_id: str, name_digest: str, began_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(AnsweredRequest.key_id) == key_id,
        col(AnsweredRequest.name_digest) == name_digest,
        col(AnsweredRequest.began_at) == began_at,
    )
