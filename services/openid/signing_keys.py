"""The keys that sign ID tokens. Whoever asks for them first after a key's time makes the next one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.host.signing_keys import SHOWN_BEFORE, KeyTimes, next_key, shown_keys, signing_key
from domain.ports import Seal
from domain.staff.staff import AuditKind, Author
from providers import openid_provider
from services.container import Services
from store import Database
from store.host import signing_keys
from store.host.signing_keys import SigningKey
from store.staff import audit


def published(services: Services) -> list[dict[str, Any]]:
    """The public keys by which ID tokens can be verified (JWK), newest first."""
    now = services.clock()
    keys = _keys(services.database, services.seal, now=now)
    shown = {times.number for times in shown_keys([key.times for key in keys], now=now)}
    return [key.public for key in keys if key.number in shown]


def sign(services: Services, claims: Mapping[str, Any]) -> str:
    """Claims as a token that is signed by the key of this moment."""
    now = services.clock()
    keys = _keys(services.database, services.seal, now=now)
    number = signing_key([key.times for key in keys], now=now).number
    sealed = next(key.sealed for key in keys if key.number == number)
    return openid_provider.sign(claims, services.seal.open(sealed))


def rotate(database: Database, seal: Seal, author: Author, *, at: datetime, is_leaked: bool) -> None:
    """Make the next key. If the present one has leaked, it counts no more from now on, nor do tokens that it signed."""
    keys = _keys(database, seal, now=at)
    signs_from = at if is_leaked else at + SHOWN_BEFORE
    times = KeyTimes(number=max(key.number for key in keys) + 1, signs_from=signs_from)
    _make(database, seal, times, at=at)
    with database.transaction() as session:
        if is_leaked:
            signing_keys.delete_before(session, times.number)
        audit.append(session, author, AuditKind.SIGNING_KEYS_ROTATED, at=at, is_leaked=is_leaked)


def _keys(database: Database, seal: Seal, *, now: datetime) -> Sequence[SigningKey]:
    """All keys, after the one that is due was made. Processes that make it at once keep one of theirs."""
    with database.reading() as session:
        keys = signing_keys.every(session)
    due = next_key([key.times for key in keys], now=now)
    if due is None:
        return keys
    _make(database, seal, due, at=now)
    with database.reading() as session:
        return signing_keys.every(session)


def _make(database: Database, seal: Seal, times: KeyTimes, *, at: datetime) -> None:
    """Make a key, and forget those that are not shown any more. The pair is made before the transaction begins."""
    pair = openid_provider.new_signing_key()
    with database.transaction() as session:
        signing_keys.add(
            session, times, kid=pair.kid, public=pair.public, sealed=seal.close(pair.private), at=at
        )
        shown = shown_keys([key.times for key in signing_keys.every(session)], now=at)
        signing_keys.delete_before(session, min(key.number for key in shown))
