"""What needs two members of staff: one asks, another one approves, each with a session and a passkey of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused

ASKED_FOR = timedelta(hours=72)
"""How long a request waits for its answer: over a weekend."""

RESCUES_A_DAY = 5
"""Rescue passes that one member may ask for within a day: a help desk needs fewer, and an attacker more."""

RESCUE_DELAY = timedelta(hours=24)
"""How long the owner has for "this wasn't me" before the code of a pass can be seen."""

SHOWN_WITHIN = timedelta(hours=72)
"""How long after its delay the code of a pass can be asked for."""

FETCHED_WITHIN = timedelta(hours=72)
"""How long after its approval an export of what is kept about a person can be fetched."""

RESCUE_LIFETIME = timedelta(minutes=10)
"""How long the code works once it was shown."""


class Decision(StrEnum):
    """What became of a request."""

    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class PassState(StrEnum):
    """How far a rescue pass has come."""

    WAITING = "waiting"
    READY = "ready"
    SHOWN = "shown"
    USED = "used"
    STOPPED = "stopped"
    LAPSED = "lapsed"

    @property
    def is_over(self) -> bool:
        """Whether the pass will never open the account any more."""
        return self in (PassState.USED, PassState.STOPPED, PassState.LAPSED)


@dataclass(frozen=True, kw_only=True)
class Pass:
    """A pass as colleagues see it."""

    request_id: str
    account_id: str
    state: PassState
    opens_at: datetime
    expires_at: datetime


class ApprovalRefused(Refused):
    """A request or a decision that the rules do not allow; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A member in one session; `passkey_id` is None when an identity provider vouches for them."""

    staff_id: str
    session_id: str
    passkey_id: str | None


def require_second(asker: Hand, decider: Hand) -> None:
    """Raise ApprovalRefused unless the decider is another member, in another session, with another passkey."""
    if asker.staff_id == decider.staff_id:
        raise ApprovalRefused("Nobody approves what they asked for themselves.")
    if asker.session_id == decider.session_id or (
        asker.passkey_id and asker.passkey_id == decider.passkey_id
    ):
        raise ApprovalRefused("It was asked for from this very browser or passkey.")


def require_decider(asker: Hand, decider: Hand, decision: Decision, *, waits: bool) -> None:
    """Raise ApprovalRefused unless a member may decide a request so; `waits`: it is neither decided nor too old."""
    if not waits:
        raise ApprovalRefused("This has been decided, or has waited too long.")
    if decision is not Decision.WITHDRAWN:
        require_second(asker, decider)
    elif asker.staff_id != decider.staff_id:
        raise ApprovalRefused("Only the member who asked can withdraw it; others decline it.")


def pass_state(
    *,
    opens_at: datetime,
    expires_at: datetime,
    shown_at: datetime | None,
    used_at: datetime | None,
    is_stopped: bool,
    now: datetime,
) -> PassState:
    """Where a pass stands. A pass that was stopped stays stopped."""
    if used_at:
        return PassState.USED
    if is_stopped:
        return PassState.STOPPED
    if now >= expires_at:
        return PassState.LAPSED
    if shown_at:
        return PassState.SHOWN
    return PassState.READY if now >= opens_at else PassState.WAITING
