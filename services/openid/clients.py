"""Makes and ends the clients of OpenID Connect, and rotates their secrets. The audit keeps each change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.codes import new_token
from domain.host.clients import SECRET_OVERLAP, ClientProof, UnusableClient, checked_redirect_uris
from domain.staff.staff import AuditKind, Author, clean_name
from domain.trust import Assurance
from providers.openid_provider import public_keys
from store import Session
from store.host import clients
from store.host.clients import HostClient
from store.staff import audit


@dataclass(frozen=True, kw_only=True)
class NewClient:
    """A client that was made just now, and its secret, which nobody can see again; empty if it has none."""

    client_id: str
    secret: str


def make(
    session: Session,
    author: Author,
    *,
    name: str,
    redirect_uris: Sequence[str],
    proof: ClientProof,
    keys: str = "",
    most_assurance: Assurance = Assurance.LOW,
    at: datetime,
) -> NewClient:
    """Make a client; `keys` are its public keys as a JWK or a JWK set (JSON). Raises UnusableClient."""
    plain_name = clean_name(name)
    if not plain_name:
        raise UnusableClient("a client needs a name, which people read on the way back")
    if most_assurance not in (Assurance.LOW, Assurance.HIGH):
        raise UnusableClient("a host's word goes as far as low or high")
    if proof is ClientProof.KEYS and not keys:
        raise UnusableClient("a client that proves itself by keys has to register them")
    secret = new_token() if proof is ClientProof.SECRET else ""
    client = HostClient(
        name=plain_name,
        redirect_uris=list(checked_redirect_uris(redirect_uris)),
        proof=proof,
        keys=public_keys(keys) if keys else [],
        most_assurance=most_assurance,
        made_by=author.by,
        made_at=at,
    )
    clients.add(session, client, secret=secret)
    audit.append(session, author, AuditKind.CLIENT_MADE, at=at, client_id=client.client_id)
    return NewClient(client_id=client.client_id, secret=secret)


def rotate_secret(
    session: Session, author: Author, client_id: str, *, at: datetime, overlap: timedelta = SECRET_OVERLAP
) -> NewClient:
    """Give a client another secret; the former one works until the overlap is over. Raises Unknown, UnusableClient."""
    client = clients.get(session, client_id)
    if not clients.has_secret(client):
        raise UnusableClient("this client has no secret")
    if overlap < timedelta():
        raise UnusableClient("an overlap cannot be negative")
    secret = new_token()
    clients.rotate_secret(session, client, secret, former_until=at + overlap)
    audit.append(session, author, AuditKind.CLIENT_SECRET_ROTATED, at=at, client_id=client_id)
    return NewClient(client_id=client_id, secret=secret)


def end(session: Session, author: Author, client_id: str, *, at: datetime) -> HostClient:
    """End a client at once: nobody is sent there any more, and its codes and tokens work no longer. Raises Unknown."""
    client = clients.get(session, client_id)
    clients.end(session, client, at=at)
    audit.append(session, author, AuditKind.CLIENT_ENDED, at=at, client_id=client_id)
    return client
