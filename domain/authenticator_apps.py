"""What an authenticator app and we have agreed on (RFC 6238), and how a person types it in."""

from datetime import datetime, timedelta

STEP = timedelta(seconds=30)
"""How long one code is shown (RFC 6238, 5.2 recommends 30 seconds); other steps are not known to all apps."""

SKEW = 1
"""How many steps a code may be early or late, because clocks differ and people type slowly (RFC 6238, 5.2)."""

SECRET_BYTES = 20
"""160 random bits, as long as the hash (RFC 4226, 4 recommends them)."""

SHOWN_FOR = timedelta(hours=1)
"""How long a secret that was shown can be set up by typing its first code."""


MOST_APPS = 5
"""How many apps of one account may work at once: a new one takes the place of the old, at the latest after a wait."""


def step_of(at: datetime) -> int:
    """The time step of a moment, counted from 1970."""
    return int(at.timestamp()) // int(STEP.total_seconds())


def steps_that_count(at: datetime, *, after: int) -> tuple[int, ...]:
    """The steps whose codes count at a moment, the oldest first; `after` is the newest that was used."""
    now = step_of(at)
    return tuple(step for step in range(now - SKEW, now + SKEW + 1) if step > after)


def in_fours(secret: str) -> str:
    """A secret in groups of four, as it is read off a page and typed in."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
