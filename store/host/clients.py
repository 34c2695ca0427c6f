"""The host's pages as clients of OpenID Connect: where people go back to, and how each proves that it is itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.codes import digest, same
from domain.errors import Unknown
from domain.host.clients import ClientProof, is_secret_current
from domain.trust import Assurance
from store.engine.types import Instant


class HostClient(SQLModel, table=True):
    """One client. `former_digest` is that of the secret before the last rotation, which works until `former_until`.

    `keys` are the public keys by which the client signs (JWK): statements of who somebody is, and its own proofs.
    """

    __tablename__ = "host_client"

    client_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    name: str
    redirect_uris: list[str] = Field(sa_column=Column(JSON, nullable=False))
    proof: str
    secret_digest: str | None = None
    former_digest: str | None = None
    former_until: datetime | None = Field(default=None, sa_type=Instant)
    keys: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    most_assurance: str = Assurance.LOW
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    def knows(self, secret: str, *, now: datetime) -> bool:
        """Whether a secret is the client's, or the one before it while that still works."""
        brought = digest(secret)
        is_own = self.secret_digest is not None and same(brought, self.secret_digest)
        is_former = self.former_digest is not None and same(brought, self.former_digest)
        return is_own or (is_former and is_secret_current(until=self.former_until, now=now))


def add(session: Session, client: HostClient, *, secret: str | None) -> None:
    """Keep a new client, and of its secret the digest alone."""
    client.secret_digest = digest(secret) if secret else None
    session.add(client)
    session.flush()


def find(session: Session, client_id: str) -> HostClient | None:
    """The client of an id; None if there is none, or it has ended."""
    client = session.get(HostClient, client_id) if client_id.isprintable() else None
    return client if client and client.ended_at is None else None


def get(session: Session, client_id: str) -> HostClient:
    """The client of an id. Raises Unknown if there is none, or it has ended."""
    client = find(session, client_id)
    if client is None:
        raise Unknown(f"no client {client_id}")
    return client


def every(session: Session) -> Sequence[HostClient]:
    """All clients that there ever were, newest first."""
    newest_first = (col(HostClient.made_at).desc(), col(HostClient.client_id).desc())
    return session.exec(select(HostClient).order_by(*newest_first)).all()


def rotate_secret(session: Session, client: HostClient, secret: str, *, former_until: datetime) -> None:
    """Give a client another secret; the one that it had works until a moment, any earlier one no more."""
    client.former_digest, client.former_until = client.secret_digest, former_until
    client.secret_digest = digest(secret)
    session.add(client)
    session.flush()


def end(session: Session, client: HostClient, *, at: datetime) -> None:
    """End a client at once."""
    client.ended_at = at
    session.add(client)
    session.flush()


def has_secret(client: HostClient) -> bool:
    """Whether a client proves itself by a secret."""
    return client.proof == ClientProof.SECRET
