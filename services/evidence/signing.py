"""The key that signs packs of evidence. The first pack makes it, and it stays until somebody rotates it."""

from dataclasses import dataclass
from datetime import datetime

from domain.ports import Seal
from domain.staff.staff import AuditKind, Author
from providers import evidence_signatures
from store import Database
from store.evidence import keys
from store.evidence.keys import EvidenceKey
from store.staff import audit


@dataclass(frozen=True, kw_only=True)
class PublicEvidenceKey:
    """The public half of a key (PEM), its id, and when it was made."""

    key_id: str
    public: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs by one key; its private half stays sealed until then."""

    key_id: str
    public: str
    sealed: bytes
    seal: Seal

    def sign(self, content: bytes) -> bytes:
        """The signature of some bytes."""
        return evidence_signatures.sign(content, self.seal.open(self.sealed))


def signer(database: Database, seal: Seal, *, at: datetime) -> Signer:
    """Who signs now; the first one's key is made by this."""
    key = _newest_or_first(database, seal, at=at)
    return Signer(key_id=key.key_id, public=key.public, sealed=key.sealed, seal=seal)


def public_keys(database: Database, seal: Seal, *, at: datetime) -> list[PublicEvidenceKey]:
    """The public halves of all keys, the one that signs first; the first one is made by this."""
    _newest_or_first(database, seal, at=at)
    with database.reading() as session:
        return [_public(key) for key in keys.every(session)]


def rotate(database: Database, seal: Seal, author: Author, *, reason: str, at: datetime) -> PublicEvidenceKey:
    """Make the next key, which signs from now on. Packs that former keys have signed are verified by those."""
    before = _newest_or_first(database, seal, at=at)
    key = _make(database, seal, before.number + 1, at=at)
    with database.transaction() as session:
        kind = AuditKind.EVIDENCE_KEY_ROTATED
        audit.append(session, author, kind, at=at, reason=reason, evidence_key_id=key.key_id)
    return _public(key)


def _newest_or_first(database: Database, seal: Seal, *, at: datetime) -> EvidenceKey:
    with database.reading() as session:
        key = keys.newest(session)
    return key or _make(database, seal, 1, at=at)


def _make(database: Database, seal: Seal, number: int, *, at: datetime) -> EvidenceKey:
    """Make the key of a number; of processes that make it at once, one keeps its own."""
    pair = evidence_signatures.new_pair()
    with database.transaction() as session:
        sealed = seal.close(pair.private)
        keys.add(session, number, key_id=pair.key_id, public=pair.public, sealed=sealed, at=at)
    with database.reading() as session:
        return keys.get(session, number)


def _public(key: EvidenceKey) -> PublicEvidenceKey:
    return PublicEvidenceKey(key_id=key.key_id, public=key.public, made_at=key.made_at)
