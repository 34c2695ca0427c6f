"""Who may change what: what trust goes back to, when it is established, and one table of all changes.

The attack to survive: somebody holds the owner's SIM for a while. What they bind is provisional and is told to the
owner, and it becomes established only when the owner has had time to object (NIST SP 800-63B-4, 4.1.2 and 4.6).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.errors import Refused
from domain.facts import Method


class Root(StrEnum):
    """What trust goes back to: the weakest link of the chain of sessions that led to a route, contact or session."""

    HOST = "host"
    STAFF = "staff"
    SMS = "sms"


class Assurance(StrEnum):
    """How much a session may do, from least to most."""

    ENROLS_ONLY = "enrols_only"
    LOW = "low"
    PROVISIONAL = "provisional"
    HIGH = "high"

    def covers(self, other: "Assurance") -> bool:
        """Whether this is at least as much as another assurance."""
        ranks = list(Assurance)
        return ranks.index(self) >= ranks.index(other)


class Way(StrEnum):
    """How a route or contact becomes established.

    `vouched`: at once, by an established passkey or by the host. `notice`: the cooling-off begins when the notice has
    reached an independent contact. `sim_window`: nobody could be told, so the SIM-swap window has to pass.
    `confirmation`: never by waiting; an established passkey, recovery or support confirms it. `recovered`: its owner
    came back by two proofs, and the time of that recovery counts (`domain/recovery.py`).
    """

    VOUCHED = "vouched"
    NOTICE = "notice"
    SIM_WINDOW = "sim_window"
    CONFIRMATION = "confirmation"
    RECOVERED = "recovered"


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What one route or contact goes back to, how it becomes established, and from when; None if that is not known."""

    root: Root
    rooted_at: datetime
    bound_at: datetime
    way: Way
    established_from: datetime | None

    def is_established(self, now: datetime) -> bool:
        """Whether it may change other routes now; otherwise it is provisional."""
        return self.established_from is not None and self.established_from <= now


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """A session, as the rules see it.

    `binds_as` is the assurance of what it binds: a device link carries that of its maker. `is_lowered`: its route is
    disputed, so that it signs in and changes nothing. `is_disputed`: an objection of the account is open.
    """

    assurance: Assurance
    root: Root
    rooted_at: datetime
    session_id: str | None = None
    binds_as: Assurance = Assurance.LOW
    has_bound: bool = False
    is_lowered: bool = False
    is_disputed: bool = False


class Change(StrEnum):
    """Every change of a route or contact that a person can make."""

    BIND_PASSKEY = "bind_passkey"
    RENAME_PASSKEY = "rename_passkey"
    REMOVE_PASSKEY = "remove_passkey"
    HOLD_PASSKEY = "hold_passkey"
    RELEASE_PASSKEY = "release_passkey"
    MAKE_CODES = "make_codes"
    BIND_AUTHENTICATOR_APP = "bind_authenticator_app"
    REMOVE_AUTHENTICATOR_APP = "remove_authenticator_app"
    CONFIRM_EMAIL = "confirm_email"
    CHANGE_EMAIL = "change_email"
    RESTORE_SMS = "restore_sms"
    LINK_DEVICE = "link_device"
    SIGN_OUT_OTHERS = "sign_out_others"
    CONFIRM = "confirm"
    REJECT = "reject"


class Need(StrEnum):
    """What a kind of session needs for a change.

    `once`: one time in a session. `not_above`: the target must not be trusted more than the session. `younger`: what is
    older than the session's root takes a cooling-off first. `waits`: so does what is trusted more than the session, or
    is established, where nobody can step up. `two_proofs`: two fresh proofs that go back to different
    roots. `device`: a fresh ceremony with the very device, the session's route as one proof, and a cooling-off.
    """

    YES = "yes"
    ONCE = "once"
    NOT_ABOVE = "not above"
    YOUNGER = "younger"
    WAITS = "waits"
    TWO_PROOFS = "two proofs"
    DEVICE = "device"
    STEP_UP = "step-up"
    NO = "no"


class _Row(NamedTuple):
    """One change: what each kind of session needs for it."""

    enrols_only: Need
    set_up: Need
    """`low` or `provisional`, where no passkey is established or on hold: that is how everybody begins."""
    low: Need
    provisional: Need
    high: Need


_YES, _ONCE, _NOT_ABOVE, _YOUNGER, _WAITS = Need.YES, Need.ONCE, Need.NOT_ABOVE, Need.YOUNGER, Need.WAITS
_TWO_PROOFS, _DEVICE, _STEP_UP, _NO = Need.TWO_PROOFS, Need.DEVICE, Need.STEP_UP, Need.NO

# fmt: off
TABLE = {
    #                             enrols_only  set_up      low          provisional  high
    Change.BIND_PASSKEY:     _Row(_ONCE,       _YES,       _YES,        _YES,        _YES),
    Change.RENAME_PASSKEY:   _Row(_NO,         _YES,       _STEP_UP,    _NOT_ABOVE,  _YES),
    Change.REMOVE_PASSKEY:   _Row(_NO,         _YES,       _STEP_UP,    _NOT_ABOVE,  _YOUNGER),
    Change.HOLD_PASSKEY:     _Row(_NO,         _NO,        _TWO_PROOFS, _TWO_PROOFS, _YOUNGER),
    Change.RELEASE_PASSKEY:  _Row(_NO,         _DEVICE,    _DEVICE,     _STEP_UP,    _YES),
    Change.MAKE_CODES:       _Row(_NO,         _YES,       _STEP_UP,    _STEP_UP,    _YES),
    Change.BIND_AUTHENTICATOR_APP:   _Row(_NO, _YES,    _YES,     _YES,       _YES),
    Change.REMOVE_AUTHENTICATOR_APP: _Row(_NO, _WAITS,  _STEP_UP, _NOT_ABOVE, _YOUNGER),
    Change.CONFIRM_EMAIL:    _Row(_NO,         _YES,       _YES,        _YES,        _YES),
    Change.CHANGE_EMAIL:     _Row(_NO,         _NO,        _STEP_UP,    _STEP_UP,    _YOUNGER),
    Change.RESTORE_SMS:      _Row(_NO,         _YES,       _STEP_UP,    _STEP_UP,    _YES),
    Change.LINK_DEVICE:      _Row(_NO,         _YES,       _YES,        _YES,        _YES),
    Change.SIGN_OUT_OTHERS:  _Row(_NO,         _YES,       _NOT_ABOVE,  _NOT_ABOVE,  _YES),
    Change.CONFIRM:          _Row(_NO,         _NO,        _STEP_UP,    _STEP_UP,    _YES),
    Change.REJECT:           _Row(_NO,         _NO,        _STEP_UP,    _STEP_UP,    _YES),
}
# fmt: on

ADDS = frozenset(
    {Change.BIND_PASSKEY, Change.BIND_AUTHENTICATOR_APP, Change.CONFIRM_EMAIL, Change.LINK_DEVICE}
)
"""Changes that only add what is provisional: they go on while a dispute is open, for nobody must be stranded by it."""


class Why(StrEnum):
    """Why a change is not done from a session."""

    NEEDS_STEP_UP = "needs_step_up"
    NEEDS_TWO_PROOFS = "needs_two_proofs"
    NEEDS_DEVICE = "needs_device"
    ENROLS_ONLY = "enrols_only"
    LINK_USED_UP = "link_used_up"
    DISPUTED_ROUTE = "disputed_route"
    DISPUTED_ACCOUNT = "disputed_account"
    NOTHING_ESTABLISHED = "nothing_established"
    NEEDS_OLDER_PASSKEY = "needs_older_passkey"
    UNDER_GUARD = "under_guard"
    NEEDS_SECOND_PROOF = "needs_second_proof"


_WHY = {
    Need.TWO_PROOFS: Why.NEEDS_TWO_PROOFS,
    Need.DEVICE: Why.NEEDS_DEVICE,
    Need.STEP_UP: Why.NEEDS_STEP_UP,
}


@dataclass(frozen=True, kw_only=True)
class Granted:
    """The change is done at once."""


@dataclass(frozen=True, kw_only=True)
class Waits:
    """The change is asked for now, told to the owner, and done at `until` unless an older passkey rejects it."""

    until: datetime


@dataclass(frozen=True, kw_only=True)
class NotFromHere:
    """The change is not done; `why` says what to do instead. It may be done after `until`, if that is known."""

    why: Why
    until: datetime | None = None


Answer = Granted | Waits | NotFromHere


class NotTrusted(Refused):
    """A session asked for a change that needs more trust than it has."""

    def __init__(self, change: Change, why: Why, until: datetime | None = None) -> None:
        super().__init__(f"{change} is not for this session: {why}")
        self.change = change
        self.why = why
        self.until = until


def assurance_of(
    method: Method, *, is_established: bool, is_lowered: bool, vouched: Assurance = Assurance.LOW
) -> Assurance:
    """How much a session may do, by the route that opened it; the flags are about that route.

    `vouched` is how far the host's word goes, where it has opened the session.
    """
    if method.only_enrols:
        return Assurance.ENROLS_ONLY
    if method is Method.HOST:
        return vouched
    if method is not Method.PASSKEY:
        return Assurance.LOW
    return Assurance.HIGH if is_established and not is_lowered else Assurance.PROVISIONAL


def answer(
    change: Change,
    bearer: Bearer,
    *,
    guarded: bool,
    target: Trust | None = None,
    cooling_off: timedelta,
    now: datetime,
) -> Answer:
    """Whether a session may make a change. `guarded`: the account has a passkey that is established or on hold."""
    if bearer.is_lowered:
        return NotFromHere(why=Why.DISPUTED_ROUTE)
    if bearer.is_disputed and bearer.assurance is not Assurance.HIGH and change not in ADDS:
        return NotFromHere(why=Why.DISPUTED_ACCOUNT)
    match _need(change, bearer, guarded=guarded):
        case Need.YES:
            return Granted()
        case Need.ONCE:
            return NotFromHere(why=Why.LINK_USED_UP) if bearer.has_bound else Granted()
        case Need.NOT_ABOVE:
            return NotFromHere(why=Why.NEEDS_STEP_UP) if _is_above(target, bearer, now) else Granted()
        case Need.YOUNGER:
            return Waits(until=now + cooling_off) if _is_older(target, bearer) else Granted()
        case Need.WAITS:
            return Waits(until=now + cooling_off) if _is_above(target, bearer, now) else Granted()
        case Need.TWO_PROOFS | Need.DEVICE | Need.STEP_UP as lacking:
            return NotFromHere(why=_WHY[lacking])
        case Need.NO:
            is_beginning = bearer.assurance is not Assurance.ENROLS_ONLY
            return NotFromHere(why=Why.NOTHING_ESTABLISHED if is_beginning else Why.ENROLS_ONLY)


def require(change: Change, given: Answer) -> Waits | None:
    """Raise NotTrusted unless an answer lets a session make a change; it says if the change has to wait first."""
    if isinstance(given, NotFromHere):
        raise NotTrusted(change, given.why, given.until)
    return given if isinstance(given, Waits) else None


def are_two_proofs(first: Root, second: Root) -> bool:
    """Whether two proofs count as two: a SIM, and codes that were made with that SIM, are one."""
    return first is not second


def _need(change: Change, bearer: Bearer, *, guarded: bool) -> Need:
    row = TABLE[change]
    if bearer.assurance is Assurance.ENROLS_ONLY:
        return row.enrols_only
    if bearer.assurance is Assurance.HIGH:
        return row.high
    if not guarded:
        return row.set_up
    return row.low if bearer.assurance is Assurance.LOW else row.provisional


def _is_above(target: Trust | None, bearer: Bearer, now: datetime) -> bool:
    """Whether a target is trusted more than a session that is not high."""
    return target is not None and (target.is_established(now) or target.rooted_at < bearer.rooted_at)


def _is_older(target: Trust | None, bearer: Bearer) -> bool:
    """Whether a target is older than what a session's trust goes back to, if that came about by waiting."""
    return target is not None and bearer.root is not Root.HOST and target.bound_at < bearer.rooted_at
