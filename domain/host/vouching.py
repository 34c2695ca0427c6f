"""The host's word of who somebody is: what a signed statement must say, and how far a session goes that it opens."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import Refused
from domain.trust import Assurance, Root

LONGEST_STATEMENT = timedelta(minutes=5)
"""How far ahead the end of a statement may lie that says who somebody is."""

LONGEST_PROOF = timedelta(hours=1)
"""How far ahead the end of a client's proof of itself may lie, as libraries give it an hour. It is good once."""

LEEWAY = timedelta(seconds=30)
"""How far the host's clock may be off."""

_AS_GOOD_AS_A_PASSKEY = frozenset({"hwk", "swk", "pop", "phr", "phrh"})
"""`amr` (RFC 8176) and `acr` (OpenID EAP ACR Values) of sign-ins that nobody can read out to a phisher."""

_BY_PHONE = re.compile(r"sms|phone.?voice|^(tel|phone|mca)$", re.IGNORECASE)
"""Words for text messages and calls. RFC 8176 knows `sms`, `tel` and `mca`, whose second channel is a call to a number;
hosts write `sms_otp`, or `phone-voice` as CAEP does. `otp` is a code that a device computes (RFC 4226, RFC 6238)."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,32}")
_MOST_WORDS = 12


class StatementRejected(Refused):
    """A signed statement of a client that does not hold; `reason` is for logs, and holds nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a client has signed, within its short life. `jti` names it, so that it is good once."""

    subject: str
    jti: str
    expires_at: datetime
    claims: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """How a host says that somebody signed in there: by which `amr`, when, and how far that goes here.

    `is_strong`: by something that nobody can read out to a phisher, such as a passkey.
    """

    amr: tuple[str, ...]
    at: datetime
    root: Root
    assurance: Assurance
    is_strong: bool = False


def read_statement(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    audiences: Collection[str],
    now: datetime,
    longest: timedelta = LONGEST_STATEMENT,
) -> Statement:
    """Check the claims of a statement whose signature holds. Raises StatementRejected."""
    if claims.get("iss") != issuer:
        raise StatementRejected("other_issuer")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(name, str) and name in audiences for name in named):
        raise StatementRejected("other_audience")
    subject, jti = claims.get("sub"), claims.get("jti")
    if not (isinstance(subject, str) and subject and subject.isprintable()):
        raise StatementRejected("no_subject")
    if not (isinstance(jti, str) and 0 < len(jti) <= 255 and jti.isprintable()):
        raise StatementRejected("no_jti")
    expires_at = _instant(claims.get("exp"))
    if expires_at is None or expires_at > now + longest + LEEWAY:
        raise StatementRejected("lives_too_long")
    if expires_at + LEEWAY <= now:
        raise StatementRejected("expired")
    begins_at = _instant(claims.get("nbf", claims.get("iat")))
    if begins_at is not None and begins_at > now + LEEWAY:
        raise StatementRejected("not_yet")
    return Statement(subject=subject, jti=jti, expires_at=expires_at, claims=claims)


def vouched(statement: Statement, *, most: Assurance, now: datetime) -> Vouched:
    """How far a host's word goes: as its `amr` and `acr` say, and never beyond what its client is registered for.

    Without a word on how somebody signed in, it counts as a text-message code. Without `auth_time` it was as long ago
    as it can have been.
    """
    said = statement.claims.get("amr")
    words = said if isinstance(said, list) else []
    amr = tuple(word for word in words if isinstance(word, str) and _WORD.fullmatch(word))[:_MOST_WORDS]
    acr = statement.claims.get("acr")
    is_strong = bool(_AS_GOOD_AS_A_PASSKEY & {*amr, acr if isinstance(acr, str) else ""})
    is_by_phone = not is_strong and (not amr or any(_BY_PHONE.search(str(word)) for word in words))
    at = _instant(statement.claims.get("auth_time")) or statement.expires_at - LONGEST_STATEMENT
    return Vouched(
        amr=amr,
        at=min(at, now),
        root=Root.SMS if is_by_phone else Root.HOST,
        assurance=Assurance.HIGH if is_strong and most is Assurance.HIGH else Assurance.LOW,
        is_strong=is_strong,
    )


def _instant(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
