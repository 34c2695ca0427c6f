"""Registers transmitters of security events, and ends them. The audit keeps each change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from domain.errors import Refused
from domain.host.security_events import Transmission
from domain.staff.staff import AuditKind, Author
from providers.security_events import fetch_keys, key_set
from store import Session
from store.host import transmitters
from store.host.transmitters import Transmitter
from store.staff import audit


class UnusableTransmitter(Refused):
    """A transmitter cannot be registered so: the message says what to mend."""


def checked(
    *, issuer: str, audience: str, keys: Mapping[str, Any] | None = None, keys_url: str | None = None
) -> Transmission:
    """A transmitter whose keys were read just now, from a key set or from where it lies. Raises UnusableTransmitter."""
    if not issuer.strip() or not audience.strip():
        raise UnusableTransmitter("a transmitter needs an issuer, and the audience that its tokens are for")
    if (keys is None) == (keys_url is None):
        raise UnusableTransmitter("a transmitter needs a key set, or the address of one")
    if keys_url is not None and urlsplit(keys_url).scheme != "https":
        raise UnusableTransmitter("keys are fetched by https only")
    try:
        key_set(keys or {}) if keys_url is None else fetch_keys(keys_url)
    except ValueError as error:
        raise UnusableTransmitter(f"the keys cannot be used: {error}") from error
    return Transmission(issuer=issuer.strip(), audience=audience.strip(), keys=keys, keys_url=keys_url)


def add(session: Session, author: Author, transmission: Transmission, *, at: datetime) -> Transmitter:
    """Register a transmitter; it takes the place of the one with the same issuer."""
    transmitter = transmitters.add(session, transmission, by=author.by, at=at)
    audit.append(session, author, AuditKind.TRANSMITTER_ADDED, at=at, issuer=transmission.issuer)
    return transmitter


def end(session: Session, author: Author, issuer: str, *, at: datetime) -> None:
    """Hear a transmitter no more. Raises Unknown."""
    transmitters.end(session, issuer, at=at)
    audit.append(session, author, AuditKind.TRANSMITTER_ENDED, at=at, issuer=issuer)
