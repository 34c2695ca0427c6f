"""Security event tokens (RFC 8417) by joserfc: signature, type, issuer, audience and age hold, or it is refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from domain.errors import BadContact
from domain.facts import Channel
from domain.host.security_events import (
    EVENT_TYPES,
    OLDEST_SET,
    EventSubject,
    KeysAway,
    SecurityEvent,
    SetError,
    SetRefused,
    Transmission,
)
from domain.host.words import CLOCKS_DIFFER_BY
from providers.contacts import email_address, phone_number

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_TYPES = ("secevent+jwt", "application/secevent+jwt")
_PATIENCE_SECONDS = 5
_FETCHED_FOR = timedelta(hours=1)
_FETCHED_AT_MOST_EVERY = timedelta(minutes=1)
_LONGEST = 255

Find = Callable[[str], Transmission | None]
"""Finds the transmitter of an issuer; None unless it is registered."""


@dataclass
class SecurityEventReader:
    """Reads tokens, and keeps the keys that it has fetched for an hour; an unknown key has them fetched anew.

    Keys that are not to be had are asked for again after a minute.
    """

    _fetched: dict[str, tuple[datetime, KeySet]] = field(default_factory=dict)
    _missed: dict[str, datetime] = field(default_factory=dict)

    def read(self, token: bytes, find: Find, *, now: datetime) -> SecurityEvent:
        """The event of a token that a registered transmitter has signed. Raises SetRefused, KeysAway."""
        transmission = find(_issuer(token))
        if transmission is None:
            raise SetRefused(SetError.INVALID_ISSUER, "this issuer is not registered here")
        claims = self._claims(token.decode("ascii"), transmission, now)
        if not _is_for(claims.get("aud"), transmission.audience):
            raise SetRefused(SetError.INVALID_AUDIENCE, "the token is for another audience")
        return _event(claims, transmission.issuer, now)

    def _claims(self, token: str, transmission: Transmission, now: datetime) -> dict[str, Any]:
        keys = self._keys(transmission, now, is_stale=False)
        try:
            return _decoded(token, keys)
        except InvalidKeyIdError:
            pass  # the transmitter may have a new key
        except (JoseError, ValueError):
            raise _BAD_KEY from None
        keys = self._keys(transmission, now, is_stale=True)
        try:
            return _decoded(token, keys)
        except (JoseError, ValueError):
            raise _BAD_KEY from None

    def _keys(self, transmission: Transmission, now: datetime, *, is_stale: bool) -> KeySet:
        url = transmission.keys_url
        if url is None:
            return key_set(transmission.keys or {})
        fetched_at, keys = self._fetched.get(url, (None, None))
        kept_for = _FETCHED_AT_MOST_EVERY if is_stale else _FETCHED_FOR
        if fetched_at and keys and now - fetched_at < kept_for:
            return keys
        return self._fetch(transmission.issuer, url, now)

    def _fetch(self, issuer: str, url: str, now: datetime) -> KeySet:
        rested = now - self._missed[url] if url in self._missed else _FETCHED_AT_MOST_EVERY
        if rested < _FETCHED_AT_MOST_EVERY:
            raise KeysAway(issuer, _FETCHED_AT_MOST_EVERY - rested)
        try:
            keys = fetch_keys(url)
        except ValueError as error:
            self._missed[url] = now
            raise KeysAway(issuer, _FETCHED_AT_MOST_EVERY) from error
        self._fetched[url] = (now, keys)
        return keys


_BAD_KEY = SetRefused(SetError.INVALID_KEY, "the signature is by no key of this issuer")


def key_set(keys: Mapping[str, Any]) -> KeySet:
    """The public keys of a JSON Web Key Set. Raises ValueError if it is none, is empty, or holds a secret."""
    try:
        parsed = KeySet.import_key_set(keys)  # type: ignore[arg-type]
    except (JoseError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is not a JSON Web Key Set") from error
    if not parsed.keys:
        raise ValueError("it holds no key")
    if any(key.key_type == "oct" or key.is_private for key in parsed.keys):
        raise ValueError("it holds a secret; only public keys are wanted")
    return parsed


def fetch_keys(url: str) -> KeySet:
    """The keys that lie at an address. Raises ValueError if none are to be had there."""
    try:
        answer = requests.get(url, timeout=_PATIENCE_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        return key_set(answer.json())
    except requests.RequestException as error:
        raise ValueError("the keys are not to be had there") from error


def _decoded(token: str, keys: KeySet) -> dict[str, Any]:
    decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
    kind = decoded.header.get("typ")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        # Without its own type, an ID token of the same issuer could be played here (RFC 8417, 4.5 and 4.6).
        raise SetRefused(SetError.INVALID_REQUEST, "its type is not secevent+jwt")
    return dict(decoded.claims)


def _issuer(token: bytes) -> str:
    """Who says to have signed it; not believed before the signature holds."""
    try:
        claims = json.loads(jws.extract_compact(token).payload)
        issuer = claims["iss"]
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise SetRefused(SetError.INVALID_REQUEST, "it is not a signed security event token") from None
    if not isinstance(issuer, str) or not issuer.isprintable():
        raise SetRefused(SetError.INVALID_REQUEST, "its issuer is no text that can be kept")
    return issuer


def _is_for(audience: Any, expected: str) -> bool:
    return expected in (audience if isinstance(audience, list) else [audience])


def _event(claims: dict[str, Any], issuer: str, now: datetime) -> SecurityEvent:
    type_, detail = _only_event(claims.get("events"))
    said_at = _said_at(claims.get("iat"), now)
    happened_at = _instant(detail.get("event_timestamp"), at_most=said_at) or _instant(
        claims.get("toe"), at_most=said_at
    )
    return SecurityEvent(
        issuer=issuer,
        token_id=_text(claims.get("jti"), "jti"),
        kind=EVENT_TYPES.get(type_),
        subject=_subject(claims.get("sub_id", detail.get("subject")), issuer)
        if type_ in EVENT_TYPES
        else EventSubject(),
        said_at=said_at,
        at=happened_at or said_at,
        detail=detail,
    )


def _only_event(events: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(events, dict) or len(events) != 1:
        raise SetRefused(SetError.INVALID_REQUEST, "it has to hold one event")
    type_, detail = next(iter(events.items()))
    if not isinstance(detail, dict):
        raise SetRefused(SetError.INVALID_REQUEST, "its event is no object")
    return type_, detail


def _said_at(value: Any, now: datetime) -> datetime:
    at = _instant(value)
    if at is None:
        raise SetRefused(SetError.INVALID_REQUEST, "iat: it is missing, or no number of seconds")
    if at > now + CLOCKS_DIFFER_BY:
        raise SetRefused(SetError.INVALID_REQUEST, "iat: it lies in the future")
    if at < now - OLDEST_SET:
        raise SetRefused(SetError.INVALID_REQUEST, "iat: it is too long ago")
    return min(at, now)


def _instant(value: Any, *, at_most: datetime | None = None) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        at = datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return min(at, at_most) if at_most else at


def _subject(subject: Any, issuer: str) -> EventSubject:
    """Whom a subject identifier names (RFC 9493); of a complex one, its `user`."""
    if not isinstance(subject, dict):
        raise SetRefused(SetError.INVALID_REQUEST, "sub_id: it is missing")
    match subject.get("format", subject.get("subject_type")):
        case "iss_sub" | "iss-sub":
            if subject.get("iss") != issuer:
                raise SetRefused(SetError.INVALID_REQUEST, "sub_id: it is of another issuer")
            return EventSubject(external_id=_text(subject.get("sub"), "sub_id"))
        case "opaque":
            return EventSubject(external_id=_text(subject.get("id"), "sub_id"))
        case "account":
            return EventSubject(external_id=_account(_text(subject.get("uri"), "sub_id"), issuer))
        case "email":
            return _contact(Channel.EMAIL, _text(subject.get("email"), "sub_id"))
        case "phone_number" | "phone":
            number = subject.get("phone_number", subject.get("phone"))
            return _contact(Channel.SMS, _text(number, "sub_id"))
        case "complex" if isinstance(user := subject.get("user"), dict) and user.get("format") != "complex":
            return _subject(user, issuer)
    raise SetRefused(SetError.INVALID_REQUEST, "sub_id: its format is not known here")


def _account(uri: str, issuer: str) -> str:
    """The user part of an `acct:` URI of the issuer's own host (RFC 7565)."""
    scheme, _, rest = uri.partition(":")
    user, _, host = rest.rpartition("@")
    if scheme.lower() != "acct" or not user or host.lower() != (urlsplit(issuer).hostname or ""):
        raise SetRefused(SetError.INVALID_REQUEST, "sub_id: it is no acct: URI of the issuer's host")
    return _text(unquote(user), "sub_id")


def _contact(channel: Channel, text: str) -> EventSubject:
    return EventSubject(channel=channel, contact=read_contact(channel, text))


def read_contact(channel: Channel, text: str) -> str:
    """A contact in its canonical form. Raises SetRefused."""
    try:
        return email_address(text) if channel is Channel.EMAIL else phone_number(text)
    except BadContact:
        raise SetRefused(SetError.INVALID_REQUEST, "it names a contact that cannot be one") from None


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise SetRefused(SetError.INVALID_REQUEST, f"{name}: it is missing, or no text that can be kept")
    return value
