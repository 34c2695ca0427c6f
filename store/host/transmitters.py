"""The transmitters of security events: who they are, for which audience, and by which keys they are recognised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.errors import Unknown
from domain.host.security_events import Transmission
from store.engine.types import Instant


class Transmitter(SQLModel, table=True):
    """One transmitter. It has `keys`, a JSON Web Key Set, or `keys_url`, where that is to be had."""

    __tablename__ = "transmitter"

    transmitter_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    issuer: str = Field(index=True)
    audience: str
    keys: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
    keys_url: str | None = None
    added_by: str
    added_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    last_heard_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def transmission(self) -> Transmission:
        """What its tokens are checked by."""
        return Transmission(
            issuer=self.issuer, audience=self.audience, keys=self.keys, keys_url=self.keys_url
        )


def add(session: Session, transmission: Transmission, *, by: str, at: datetime) -> Transmitter:
    """Register a transmitter; whoever was registered for the same issuer ends, so that its keys can be replaced."""
    of_issuer = (col(Transmitter.issuer) == transmission.issuer, col(Transmitter.ended_at).is_(None))
    session.execute(update(Transmitter).where(*of_issuer).values(ended_at=at))
    transmitter = Transmitter(
        issuer=transmission.issuer,
        audience=transmission.audience,
        keys=dict(transmission.keys) if transmission.keys else None,
        keys_url=transmission.keys_url,
        added_by=by,
        added_at=at,
    )
    session.add(transmitter)
    session.flush()
    return transmitter


def find(session: Session, issuer: str) -> Transmitter | None:
    """The transmitter of an issuer; None unless it is heard."""
    query = select(Transmitter).where(Transmitter.issuer == issuer, col(Transmitter.ended_at).is_(None))
    return session.exec(query).first()


def every(session: Session) -> Sequence[Transmitter]:
    """All transmitters that there ever were, newest first."""
    newest_first = (col(Transmitter.added_at).desc(), col(Transmitter.transmitter_id).desc())
    return session.exec(select(Transmitter).order_by(*newest_first)).all()


def end(session: Session, issuer: str, *, at: datetime) -> Transmitter:
    """Hear a transmitter no more. Raises Unknown."""
    transmitter = find(session, issuer)
    if transmitter is None:
        raise Unknown(f"no transmitter is registered for {issuer}")
    transmitter.ended_at = at
    session.add(transmitter)
    session.flush()
    return transmitter


def note_heard(session: Session, issuer: str, *, at: datetime) -> None:
    """Note when a transmitter was last heard."""
    of_issuer = (col(Transmitter.issuer) == issuer, col(Transmitter.ended_at).is_(None))
    session.execute(update(Transmitter).where(*of_issuer).values(last_heard_at=at))
