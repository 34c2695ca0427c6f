"""What takes two members of staff: one asks, another one says yes, each from a session and a passkey of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refused

ASKED_FOR = timedelta(hours=72)
"""How long a request waits for its answer: over a weekend."""

RESCUES_A_DAY = 5
"""Rescue passes that one member may ask for within a day: more is no help desk's day, but an attack on one."""

RESCUE_DELAY = timedelta(hours=24)
"""How long the owner has for "this wasn't me" before the code of a pass can be seen."""

SHOWN_WITHIN = timedelta(hours=72)
"""How long after its delay the code of a pass can be asked for."""

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
        """Whether it opens nothing any more, and will not."""
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
    """A request that cannot be made or decided so; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A member in one session; `passkey_id` is None when an identity provider vouches for them."""

    staff_id: str
    session_id: str
    passkey_id: str | None


def require_second(asked: Hand, deciding: Hand) -> None:
    """Raise ApprovalRefused unless it is another member, in another session, with another passkey."""
    if asked.staff_id == deciding.staff_id:
        raise ApprovalRefused("Nobody approves what they asked for themselves.")
    if asked.session_id == deciding.session_id or (
        asked.passkey_id and asked.passkey_id == deciding.passkey_id
    ):
        raise ApprovalRefused("It was asked for from this very browser or passkey.")


def pass_state(
    *,
    opens_at: datetime,
    expires_at: datetime,
    shown_at: datetime | None,
    used_at: datetime | None,
    is_stopped: bool,
    now: datetime,
) -> PassState:
    """Where a pass stands. What stopped it once, stops it for good."""
    if used_at:
        return PassState.USED
    if is_stopped:
        return PassState.STOPPED
    if now >= expires_at:
        return PassState.LAPSED
    if shown_at:
        return PassState.SHOWN
    return PassState.READY if now >= opens_at else PassState.WAITING
