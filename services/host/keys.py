"""Makes, rotates and ends the keys of a host, and recognises the key of a request. The audit keeps each change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.host.keys import (
    CALLS_PER_SECOND,
    KEY_LIFETIME,
    OVERLAP,
    KeyEnd,
    KeyHolder,
    UnusableKey,
    checked_lifetime,
    checked_scopes,
    new_host_key,
)
from domain.staff.staff import AuditKind, Author, clean_name
from store import Database, Session
from store.host import keys
from store.host.keys import HostKey
from store.staff import audit


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key that was made just now, and its token, which nobody can see again."""

    token: str
    key_id: str
    expires_at: datetime


def make(
    session: Session,
    author: Author,
    *,
    name: str,
    scopes: Sequence[str],
    at: datetime,
    lifetime: timedelta = KEY_LIFETIME,
    calls_per_second: int = CALLS_PER_SECOND,
) -> NewKey:
    """Make a key. Raises UnusableKey for unknown scopes, an empty name, no calls, or an impossible lifetime."""
    plain_name = clean_name(name)
    if not plain_name:
        raise UnusableKey("a key needs a name that says which program it is for")
    if calls_per_second < 1:
        raise UnusableKey("a key may make one call a second at least")
    token = new_host_key()
    key = keys.make(
        session,
        token,
        name=plain_name,
        scopes=checked_scopes(scopes),
        calls_per_second=calls_per_second,
        made_by=author.by,
        at=at,
        lifetime=checked_lifetime(lifetime),
    )
    audit.append(session, author, AuditKind.HOST_KEY_MADE, at=at, host_key_id=key.key_id)
    return NewKey(token=token, key_id=key.key_id, expires_at=key.expires_at)


def rotate(
    session: Session, author: Author, key_id: str, *, at: datetime, overlap: timedelta = OVERLAP
) -> NewKey:
    """Make a key like another one, which goes on working until the overlap is over.

    Raises Unknown, and UnusableKey if the former key works no more, was rotated before, or the overlap is negative.
    """
    former_key = keys.get(session, key_id, lock=True)
    if former_key.end_at(at) is not KeyEnd.CURRENT:
        raise UnusableKey("this key works no more; make a new one")
    if former_key.replaced_by:
        raise UnusableKey("this key was rotated before; rotate the one that took its place")
    if overlap < timedelta():
        raise UnusableKey("an overlap cannot be negative")
    made = make(
        session,
        author,
        name=former_key.name,
        scopes=former_key.scopes,
        at=at,
        lifetime=former_key.expires_at - former_key.made_at,
        calls_per_second=former_key.calls_per_second,
    )
    keys.end(session, former_key, at=at + overlap, replaced_by=made.key_id)
    audit.append(session, author, AuditKind.HOST_KEY_ROTATED, at=at, host_key_id=key_id)
    return made


def end(session: Session, author: Author, key_id: str, *, at: datetime) -> HostKey:
    """End a key at once. Raises Unknown, and UnusableKey if it works no more."""
    key = keys.get(session, key_id)
    if key.end_at(at) is not KeyEnd.CURRENT:
        raise UnusableKey("this key works no more")
    keys.end(session, key, at=at)
    audit.append(session, author, AuditKind.HOST_KEY_ENDED, at=at, host_key_id=key_id)
    return key


def recognise(database: Database, token: str, *, address: str, now: datetime) -> KeyHolder | None:
    """Whose request it is that brings this key from a network address; None unless the key works. Notes the use."""
    with database.glance() as connection:
        key = keys.find(connection, token, now=now)
    if key is None:
        return None
    if key.is_unnoted(address, now):
        with database.transaction() as session:
            keys.note_use(session, key.holder.key_id, at=now, address=address)
    return key.holder
