"""The guard: while an attack is under way, everybody's accounts are harder to take over, and it ends by itself.

The thief that it is for holds somebody's SIM. It makes changes wait and budgets smaller; it closes no way in, and takes
nothing from an owner who objects, holds a device or stops a recovery.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import Refused
from domain.policy import Policy
from domain.safety.throttle import Limit, SoftLimit, Throttle
from domain.trust import (
    Answer,
    Assurance,
    Bearer,
    Change,
    NotFromHere,
    Root,
    Trust,
    Way,
    Why,
    are_two_proofs,
)

SYSTEM = "offramp"
"""Who has ended a guard whose time was over."""

SHORTEST = timedelta(minutes=15)
"""A shorter guard would be over before anybody has looked."""

LONGEST = timedelta(days=7)
"""A longer attack wants a decision every week: honest people wait, too."""

COOLING_OFF = timedelta(hours=72)
"""The least time in which an owner may object to what begins under guard."""

TIMES_LONGER = 2
"""How many times the policy's own waits become, where that is more."""

PART = 2
"""The part of a budget that is left under guard: a half."""

WEIGHT = 2
"""How many wrong codes each wrong code of a stranger counts for."""

TIGHTENED = frozenset(
    {
        Throttle.CODES_PER_ACCOUNT,
        Throttle.CODES_PER_ADDRESS,
        Throttle.CODES_PER_DAY,
        Throttle.TRIES_PER_ADDRESS,
    }
)
"""What strangers may do less often. Passkeys, long codes and links stay as they are: they are how owners get in."""

GOES_ON = frozenset({Change.HOLD_PASSKEY, Change.SIGN_OUT_OTHERS, Change.REJECT, Change.CONFIRM})
"""What takes nothing from an owner, or an established passkey anyway: the table alone decides it."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One raising of the guard: who raised it, why, and when it ends by itself.

    `ended_at` is None while nobody has lowered it and its end was not noted. `ended_by` is then who lowered it and
    `end_reason` why; a guard whose time was over was ended by `SYSTEM`.
    """

    since: datetime
    until: datetime
    by: str
    reason: str
    ended_at: datetime | None = None
    ended_by: str = ""
    end_reason: str = ""

    def is_up(self, now: datetime) -> bool:
        """Whether it holds now; nothing has to run at its end."""
        return self.ended_at is None and self.since <= now < self.until

    @property
    def was_lowered(self) -> bool:
        """Whether somebody has ended it before its time."""
        return self.ended_at is not None and self.ended_by != SYSTEM

    def wait(self, own: timedelta, now: datetime) -> timedelta:
        """How long something waits that begins now, and would wait for its own time otherwise.

        Never less than the rest of the guard and its own time: an attack that is watched is over before it ends.
        """
        return max(COOLING_OFF, TIMES_LONGER * own, self.until - now + own)

    def holds_back(self, trust: Trust) -> bool:
        """Whether something has become established by waiting only since the guard went up.

        What an established passkey or the host vouched for counts at once, as ever.
        """
        from_ = trust.established_from
        return trust.way is not Way.VOUCHED and from_ is not None and from_ > self.since


class BadLength(Refused):
    """A guard of that length is not raised."""


def require_length(length: timedelta) -> None:
    """Raise BadLength for a guard that would be too short or too long."""
    if not SHORTEST <= length <= LONGEST:
        raise BadLength("The guard is up for 15 minutes at least and 7 days at most.")


def policy_under(guard: Guard | None, policy: Policy, now: datetime) -> Policy:
    """The policy by which an account's changes wait now."""
    if guard is None:
        return policy
    return replace(
        policy,
        cooling_off=guard.wait(policy.cooling_off, now),
        sim_swap_window=guard.wait(policy.sim_swap_window, now),
    )


def trust_under(guard: Guard | None, trust: Trust) -> Trust:
    """The trust of a route or contact, which is not established by waiting before the guard's end."""
    if guard is None or not guard.holds_back(trust):
        return trust
    return replace(trust, established_from=max(trust.established_from or guard.until, guard.until))


def refusal(
    guard: Guard, change: Change, bearer: Bearer, *, is_beginner: bool, target: Trust | None
) -> NotFromHere | None:
    """Why a change that a session might make otherwise is not made under guard; None if it may be.

    Whoever came in by a SIM changes nothing. A beginner, whose account has no passkey that has ever signed in, may make
    one: else people with nothing but codes by text message could not get in after the end date. It signs in, and
    changes nothing until the guard has ended and its waiting, too. A beginner may also show that they read the address
    on record, which is then the `target`. To restore SMS takes a second proof from everybody, because a thief of the
    SIM waits for that.
    """
    if change in GOES_ON:
        return None
    if is_rooted_in_sim(bearer) and not (is_beginner and _begins(change, target)):
        return NotFromHere(why=Why.UNDER_GUARD, until=guard.until)
    if change is Change.RESTORE_SMS:
        if bearer.assurance is Assurance.HIGH:
            return NotFromHere(why=Why.NEEDS_SECOND_PROOF)
        return NotFromHere(why=Why.UNDER_GUARD, until=guard.until)
    return None


def answer_under(
    guard: Guard | None,
    answer: Answer,
    change: Change,
    bearer: Bearer,
    *,
    is_beginner: bool,
    target: Trust | None = None,
) -> Answer:
    """The answer of the table, or the guard's refusal; what the table refuses stays refused for its own reason.

    That a change takes the device itself is no refusal: whoever has the SIM may have the device, too.
    """
    is_refused = isinstance(answer, NotFromHere) and answer.why is not Why.NEEDS_DEVICE
    if guard is None or is_refused:
        return answer
    return refusal(guard, change, bearer, is_beginner=is_beginner, target=target) or answer


def is_rooted_in_sim(bearer: Bearer) -> bool:
    """Whether a session goes back to a SIM, without a passkey that has been its owner's for long enough.

    A device link is its maker's: one that such a passkey has made does what it is for.
    """
    return bearer.root is Root.SMS and Assurance.HIGH not in (bearer.assurance, bearer.binds_as)


def are_proofs(bearer: Bearer, contact: Trust, now: datetime) -> bool:
    """Whether a session by an established passkey and an established contact are two proofs.

    Two things that the host brought count as two: they were there before anybody came.
    """
    is_brought = bearer.root is contact.root is Root.HOST
    are_two = is_brought or are_two_proofs(bearer.root, contact.root)
    return bearer.assurance is Assurance.HIGH and contact.is_established(now) and are_two


def tightened(limit: Limit | SoftLimit) -> Limit | SoftLimit:
    """What is left of a budget under guard, rounded up."""
    return replace(limit, most=part_of(limit.most))


def part_of(most: int) -> int:
    """What is left of a number of messages or attempts under guard, rounded up."""
    return -(-most // PART)


def _begins(change: Change, target: Trust | None) -> bool:
    return change is Change.BIND_PASSKEY or (change is Change.CONFIRM_EMAIL and target is not None)
