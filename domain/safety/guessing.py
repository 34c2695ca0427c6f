"""How guessing a six-digit code comes to an end, and how long its door then stays shut.

Wrong codes count in a row, until somebody signs in. Those of strangers count together for each account; a browser that
has signed in before has a count of its own, so that strangers do not shut out an owner at home.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.codes import TRIES

CEILING = 100
"""After so many wrong codes in a row a route is closed (NIST SP 800-63B-4, 3.2.2 allows no more)."""

SHORTEST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
"""The waits between wrong codes, which NIST SP 800-63B-4, 3.2.2 suggests: from half a minute up to an hour."""

SHORTEST_CLOSURE = timedelta(days=1)
LONGEST_CLOSURE = timedelta(days=8)
"""How long a closed route stays closed, for the first time and at most, where the account has no other way in."""

KNOWN_FOR = timedelta(days=180)
"""How long an account knows a browser after the last sign-in there."""

REMEMBERED_FOR = timedelta(days=90)
"""How long wrong codes count after the last one of them."""


class GuessedCode(StrEnum):
    """What six digits are guessed for."""

    SIGN_IN = "sign_in"
    VERIFY_EMAIL = "verify_email"
    RECOVER = "recover"
    AUTHENTICATOR_APP = "authenticator_app"


@dataclass(frozen=True, kw_only=True)
class Shut:
    """Why no further code may be typed now. Without `until`, waiting does not help: another way in has to be used."""

    until: datetime | None


def wait_after(failures: int) -> timedelta:
    """How long to wait after the last of so many wrong codes in a row.

    Whoever spends all tries of one code may try another at once. Then waits double up to an hour, and each hundredth
    wrong code closes for days.
    """
    if is_closed(failures):
        return min(SHORTEST_CLOSURE * (1 << min(failures // CEILING - 1, 3)), LONGEST_CLOSURE)
    if failures <= TRIES:
        return timedelta()
    return min(SHORTEST_WAIT * (1 << min(failures - TRIES - 1, 7)), LONGEST_WAIT)


def together(left: int, right: int) -> int:
    """Two counts of wrong codes in a row as one, which closes the route if it would have been closed on the way."""
    ceiling = (max(left, right) // CEILING + 1) * CEILING
    return min(left + right, ceiling) if min(left, right) else max(left, right)


def is_closed(failures: int) -> bool:
    """Whether so many wrong codes in a row close the route."""
    return failures > 0 and failures % CEILING == 0


def shut(failures: int, last_at: datetime, *, has_other_way: bool, now: datetime) -> Shut | None:
    """Why the next code may not be typed yet; None if it may. `has_other_way`: the account can be entered otherwise."""
    if is_closed(failures) and has_other_way:
        return Shut(until=None)
    until = last_at + wait_after(failures)
    return Shut(until=until) if now < until else None


def seems_to_have_other_way(subject: str) -> bool:
    """What is pretended for a contact that nobody has; always the same for one contact, and true for half of them.

    Otherwise a route that opens again after a hundred wrong codes would tell that nobody is there.
    """
    return int(subject[:2], 16) % 2 == 0
