"""How often anything that can be guessed, or that costs money, may be tried.

What counts for one account is strict. What counts for one network address is soft, because many people can share one:
an office, a mobile network, or all people behind a proxy that hides them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Throttle(StrEnum):
    """Which attempts are counted; the key of a count says whose."""

    CODES_PER_ACCOUNT = "codes_per_account"
    CODES_PER_ADDRESS = "codes_per_address"
    CODES_PER_DAY = "codes_per_day"
    TRIES_PER_ADDRESS = "tries_per_address"
    LONG_CODES_PER_ADDRESS = "long_codes_per_address"
    LONG_CODES_PER_ACCOUNT = "long_codes_per_account"
    CODE_ENDINGS_PER_ACCOUNT = "code_endings_per_account"
    LINKS_PER_ACCOUNT = "links_per_account"
    LINKS_PER_ADDRESS = "links_per_address"
    CEREMONIES_PER_ADDRESS = "ceremonies_per_address"
    STAFF_PER_ADDRESS = "staff_per_address"
    SECURITY_EVENTS_PER_ADDRESS = "security_events_per_address"
    REVEALS_PER_MEMBER = "reveals_per_member"
    ACTS_PER_FORM = "acts_per_form"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most `most` times within a window; whoever has used it up waits for its end."""

    most: int
    window: timedelta


@dataclass(frozen=True, kw_only=True)
class SoftLimit:
    """At most `most` times at once, and one time more each `every`; whoever has used it up is slowed, not shut out."""

    most: int
    every: timedelta


@dataclass(frozen=True, kw_only=True)
class Used:
    """How much of a soft limit is used up. The next time comes back at `since` and `every`."""

    times: int
    since: datetime

    def at(self, now: datetime, limit: SoftLimit) -> "Used":
        """What of it is still used up."""
        back = max((now - self.since) // limit.every, 0)
        times = max(min(self.times, limit.most) - back, 0)
        return Used(times=times, since=self.since + back * limit.every if times else now)


LIMITS: dict[Throttle, Limit | SoftLimit] = {
    Throttle.CODES_PER_ACCOUNT: Limit(most=5, window=timedelta(minutes=15)),
    # A code that leads to a sign-in does not count, so these are the codes that nobody has typed.
    Throttle.CODES_PER_ADDRESS: SoftLimit(most=100, every=timedelta(seconds=30)),
    # Whatever somebody types counts, so that the answer does not show whether an account has it. An account's budget
    # of codes (domain/messages/budgets.py) is larger than two such counts, by its phone and by its address.
    Throttle.CODES_PER_DAY: Limit(most=15, window=timedelta(days=1)),
    # How often an account's own code may be guessed is decided by domain/safety/guessing.py.
    Throttle.TRIES_PER_ADDRESS: SoftLimit(most=200, every=timedelta(seconds=36)),
    # Codes of 64 bits and more need no limit for their sake (NIST SP 800-63B-4, 3.1.2.2), only for that of the machine.
    Throttle.LONG_CODES_PER_ADDRESS: SoftLimit(most=100, every=timedelta(seconds=36)),
    # Beyond this, wrong long codes are still checked; only the account's journal holds no more of them.
    Throttle.LONG_CODES_PER_ACCOUNT: Limit(most=60, window=timedelta(hours=1)),
    # One of 923,521 endings is right. Whoever has used these up can still type a whole code.
    Throttle.CODE_ENDINGS_PER_ACCOUNT: Limit(most=10, window=timedelta(hours=1)),
    # A link outlives this window, so there is always one in the mailbox or another to be had.
    Throttle.LINKS_PER_ACCOUNT: Limit(most=3, window=timedelta(hours=12)),
    Throttle.LINKS_PER_ADDRESS: SoftLimit(most=100, every=timedelta(minutes=3)),
    Throttle.CEREMONIES_PER_ADDRESS: SoftLimit(most=300, every=timedelta(seconds=3)),
    # A whole help desk may share one address, and steps up before every act.
    Throttle.STAFF_PER_ADDRESS: SoftLimit(most=200, every=timedelta(seconds=4.5)),
    # A transmitter tells single events, many at once after an incident; a signature costs some time to check.
    Throttle.SECURITY_EVENTS_PER_ADDRESS: SoftLimit(most=600, every=timedelta(seconds=0.1)),
    # More than anybody at a desk needs, and far too few to carry a customer list away.
    Throttle.REVEALS_PER_MEMBER: Limit(most=40, window=timedelta(hours=1)),
    # A form that is sent twice, by an impatient press or a reload, does its act once.
    Throttle.ACTS_PER_FORM: Limit(most=1, window=timedelta(hours=12)),
}
