"""Keys by which a host's own programs call the API: what each may do, how long it works, how often it may call."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused

PREFIX = "ofr_"
"""What every key begins with, so that scanners of leaked secrets recognise one."""

KEY_LIFETIME = timedelta(days=365)
"""How long a key works unless another time was asked for."""

LONGEST_LIFETIME = timedelta(days=3 * 365)
"""The longest time that can be asked for."""

OVERLAP = timedelta(days=7)
"""How long a key goes on working after it was rotated, unless another time was asked for."""

CALLS_PER_SECOND = 600
"""How many requests a second a key may make in each API process, unless it was made with another limit."""


class KeyScope(StrEnum):
    """One thing that a key may do."""

    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    EVENTS_WRITE = "events:write"
    PROMPTS_WRITE = "prompts:write"
    RECOVERIES_WRITE = "recoveries:write"
    SCIM_WRITE = "scim:write"


SCOPE_DEEDS = {
    KeyScope.ACCOUNTS_READ: "read accounts, their facts and what is next",
    KeyScope.ACCOUNTS_WRITE: "create, change and delete accounts",
    KeyScope.EVENTS_WRITE: "tell what happened at the host",
    KeyScope.PROMPTS_WRITE: "ask what to show at a sign-in, and bring answers",
    KeyScope.RECOVERIES_WRITE: "vouch for somebody who gets back in",
    KeyScope.SCIM_WRITE: "provision accounts by SCIM 2.0",
}
"""Every scope in words that follow "may"."""


class KeyEnd(StrEnum):
    """Whether a key works, and why not."""

    CURRENT = "current"
    EXPIRED = "expired"
    ENDED = "ended"


class UnusableKey(Refused):
    """What was asked of a key cannot be: the message says what to ask instead."""


@dataclass(frozen=True, kw_only=True)
class KeyHolder:
    """The key of one request: which it is, and what it may do."""

    key_id: str
    name: str
    scopes: frozenset[KeyScope]
    calls_per_second: int

    def may(self, scope: KeyScope) -> bool:
        """Whether the key has this scope."""
        return scope in self.scopes


def new_host_key() -> str:
    """A new key: the prefix and 256 random bits, safe in a header."""
    return PREFIX + secrets.token_urlsafe(32)


def hint_of(token: str) -> str:
    """The beginning of a key, by which people tell keys apart; it says nothing of the rest."""
    return token[: len(PREFIX) + 6]


def checked_scopes(names: Iterable[str]) -> tuple[KeyScope, ...]:
    """The scopes of these names, each once. Raises UnusableKey without any, and for an unknown name."""
    given = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    unknown_names = [name for name in given if name not in list(KeyScope)]
    if unknown_names:
        raise UnusableKey(f"{unknown_names[0]} is no scope; there are {', '.join(KeyScope)}")
    if not given:
        raise UnusableKey(f"a key needs a scope, of {', '.join(KeyScope)}")
    return tuple(KeyScope(name) for name in given)


def checked_lifetime(lifetime: timedelta) -> timedelta:
    """How long a key is to work. Raises UnusableKey if that is nothing, or longer than `LONGEST_LIFETIME`."""
    if not timedelta() < lifetime <= LONGEST_LIFETIME:
        raise UnusableKey(
            f"a key works for more than no time, and for {LONGEST_LIFETIME.days} days at the longest"
        )
    return lifetime


def key_end(*, expires_at: datetime, ended_at: datetime | None, now: datetime) -> KeyEnd:
    """Whether a key works at a moment."""
    if ended_at is not None and ended_at <= now:
        return KeyEnd.ENDED
    return KeyEnd.EXPIRED if expires_at <= now else KeyEnd.CURRENT
