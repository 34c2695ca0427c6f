"""Recovery by oneself: which two proofs let an owner back in, how long that waits, and what happens when.

Two proofs of different kinds, which go back to different roots; then a time in which everybody who may be the owner is
told and can stop it; then one session that may make one passkey (`domain/trust.py`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations

from domain.errors import Refused
from domain.facts import Edition
from domain.recovery_rules import LONGEST_WAIT, ProofKind, RecoveryRule
from domain.trust import Assurance, Bearer, Root, are_two_proofs

BROWSER_KNOWN_FOR = timedelta(days=30)
"""For how long an account must have known a browser that shortens a wait: a thief's is younger than the theft."""

LOOKS_BACK = timedelta(days=30)
"""How far back a changed contact or a dispute makes a recovery wait longer: as long as it can be objected to."""

GATHERING_FOR = timedelta(days=1)
"""How long the second proof may come after the first."""

OPEN_FOR = timedelta(days=3)
"""How long the link to a new passkey works: over a weekend."""

FOLLOWED_FOR = timedelta(days=60)
"""How long a browser keeps the token by which it follows a request: as long as one can wait at most."""

LINK_AGAIN_AFTER = timedelta(hours=1)
"""When a link is tried again that no contact could get: the mailbox may be full."""

GIVE_UP_AFTER = 2 * LONGEST_WAIT
"""How long a request waits at most, whatever keeps it from opening."""

CODES_OWED_FOR = timedelta(days=30)
"""How long after a recovery by a recovery code its owner may have new ones, without more trust."""

FAILURES_FOR_ALL = 12
"""After so many failed proofs of one request it waits a whole cooling-off longer; each adds its part."""


class RecoveryStage(StrEnum):
    """How far a recovery has come.

    `gathering` → `waiting` (both proofs are there) → `open` (the link is out) → `done`; it can be `stopped` at any
    time before, or `lapse` for want of a proof, or because nobody opened the link.
    """

    GATHERING = "gathering"
    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    STOPPED = "stopped"
    LAPSED = "lapsed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come of it."""
        return self in (RecoveryStage.DONE, RecoveryStage.STOPPED, RecoveryStage.LAPSED)


class StopReason(StrEnum):
    """Why a recovery was stopped."""

    OBJECTED = "objected"
    """The reader of a notice said: this wasn't me."""
    REFUSED = "refused"
    """Somebody who had signed in said so."""
    OVERTAKEN = "overtaken"
    """Another request gave proofs that open sooner."""
    DELETED = "deleted"


class RecoveryRefused(Refused):
    """A step of a recovery that cannot be done now; the words are for the person."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One thing that a person has shown, and what its trust goes back to."""

    kind: ProofKind
    root: Root


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What lengthens or shortens a wait. `failures` are wrong proofs given in the request itself, and nowhere else."""

    failures: int = 0
    contact_changed: bool = False
    disputed: bool = False
    browser_known: bool = False


class RecoveryAct(StrEnum):
    """What a recovery's workflow does."""

    TELL_AGAIN = "tell_again"
    OPEN = "open"
    LAPSE = "lapse"


@dataclass(frozen=True, kw_only=True)
class RecoveryState:
    """What is true of one request at one version, without personal data; every instant is aware.

    `ends_at` is when it lapses, while it is gathered or open. A field's default means "has not happened", and never
    changes: recorded histories rely on it.
    """

    recovery_id: str
    account_id: str
    number: int
    version: int = 0
    epoch: int = 0
    stage: RecoveryStage = RecoveryStage.GATHERING
    tells_again_at: datetime | None = None
    opens_at: datetime | None = None
    ends_at: datetime | None = None

    def supersedes(self, other: "RecoveryState") -> bool:
        """Whether this snapshot is newer: signals may come twice, late or in the wrong order."""
        return self.edition > other.edition

    @property
    def edition(self) -> Edition:
        """Which snapshot this is."""
        return Edition(epoch=self.epoch, version=self.version)


@dataclass(frozen=True, kw_only=True)
class RecoveryPlan:
    """What to do next, and when; without an act, to wait until something is heard."""

    act: RecoveryAct | None = None
    at: datetime | None = None


def plan(state: RecoveryState) -> RecoveryPlan:
    """What comes next of a request that is not over."""
    match state.stage:
        case RecoveryStage.WAITING if state.tells_again_at:
            return RecoveryPlan(act=RecoveryAct.TELL_AGAIN, at=state.tells_again_at)
        case RecoveryStage.WAITING:
            return RecoveryPlan(act=RecoveryAct.OPEN, at=state.opens_at)
        case RecoveryStage.GATHERING | RecoveryStage.OPEN:
            return RecoveryPlan(act=RecoveryAct.LAPSE, at=state.ends_at)
        case _:
            return RecoveryPlan()


def without_email(rules: Iterable[RecoveryRule]) -> tuple[RecoveryRule, ...]:
    """The rules where a code by e-mail is no proof, as some regulators want it."""
    return tuple(rule for rule in rules if ProofKind.EMAIL not in rule.proofs)


def rule_for(proofs: Sequence[Proof], rules: Collection[RecoveryRule]) -> RecoveryRule | None:
    """The rule with the shortest wait that two of these proofs fulfil; None if no two count as two."""
    pairs = [
        {first.kind, second.kind}
        for first, second in combinations(proofs, 2)
        if first.kind is not second.kind and _go_back_to_two(first.root, second.root)
    ]
    fulfilled = [rule for rule in rules if set(rule.proofs) in pairs]
    return min(fulfilled, key=lambda rule: rule.wait, default=None)


def _go_back_to_two(first: Root, second: Root) -> bool:
    """Whether proofs of two kinds go back to two roots. What the host brought was there before anybody came."""
    return first is second is Root.HOST or are_two_proofs(first, second)


def lacking(proofs: Sequence[Proof], rules: Iterable[RecoveryRule]) -> list[ProofKind]:
    """The kinds of which one more would do, in the order of how soon it would open; all, while nothing is proven.

    Whether the other proof goes back to another root is seen when it is there.
    """
    given = {proof.kind for proof in proofs}
    by_wait = sorted(rules, key=lambda rule: rule.wait)
    wanted = [
        kind
        for rule in by_wait
        for kind in rule.proofs
        if kind not in given and (not given or given & set(rule.proofs))
    ]
    return list(dict.fromkeys(wanted))


def wait(rule: RecoveryRule, circumstances: Circumstances, *, cooling_off: timedelta) -> timedelta:
    """How long a request waits once both proofs are there.

    A browser that the account has known for long halves the rule's own time, and nothing of what is added to it. Two
    weak proofs never wait less than the cooling-off.
    """
    added = cooling_off * min(circumstances.failures, FAILURES_FOR_ALL) / FAILURES_FOR_ALL
    added += cooling_off * (circumstances.contact_changed + circumstances.disputed)
    own = rule.wait / 2 if circumstances.browser_known else rule.wait
    return (max(own, cooling_off) if rule.is_weak else own) + added


def new_root(proofs: Iterable[Proof]) -> Root:
    """What the new passkey's trust goes back to: a SIM, if any proof does.

    Otherwise it goes back to this recovery, and not to the host's import: it is younger than what the owner had, and
    may not remove that at once.
    """
    return Root.SMS if any(proof.root is Root.SMS for proof in proofs) else Root.STAFF


def established_from(
    *,
    told_at: datetime | None,
    now: datetime,
    cooling_off: timedelta,
    sim_swap_window: timedelta,
) -> datetime:
    """When a passkey that a recovery has made may change other routes.

    `told_at` is when an independent contact was told that the waiting begins: the cooling-off counts from there, and
    may be over. Where nobody could be told, it counts from now, and takes the SIM-swap window if that is longer.
    """
    if told_at is None:
        return now + max(cooling_off, sim_swap_window)
    return max(now, told_at + cooling_off)


def may_stop(bearer: Bearer) -> bool:
    """Whether a session that has signed in meanwhile may stop a recovery: an established route's, undisputed."""
    return bearer.assurance in (Assurance.LOW, Assurance.HIGH) and not bearer.is_lowered


def may_hasten(bearer: Bearer) -> bool:
    """Whether a session may let a recovery open at once: an established passkey's."""
    return bearer.assurance is Assurance.HIGH
