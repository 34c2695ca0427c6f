"""How far a route is trusted that lives with the host: the host says what kind of session has bound it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.facts import Method
from domain.trust import Assurance, Bearer, Root, Trust


class RootedIn(StrEnum):
    """What the session at the host goes back to in which a route was bound; the host says it of each.

    `host`: the host itself has looked who it is. `high`: a session that a trusted way in has opened, such as an
    established passkey. `sms`, `recovery_code`: a session that such a code has opened.
    """

    HOST = "host"
    HIGH = "high"
    SMS = "sms"
    RECOVERY_CODE = "recovery_code"

    @property
    def method(self) -> Method:
        """The way in that such a session counts as here."""
        methods = {RootedIn.SMS: Method.SMS, RootedIn.RECOVERY_CODE: Method.RECOVERY_CODE}
        return methods.get(self, Method.PASSKEY)


@dataclass(frozen=True, kw_only=True)
class Opener:
    """A passkey of the account that can have opened the session, as it is on record.

    A lowered one signs in and changes nothing, because a dispute about it is open.
    """

    passkey_id: str
    trust: Trust
    is_lowered: bool = False

    def is_trusted(self, at: datetime) -> bool:
        """Whether a session that it opens is high."""
        return self.trust.is_established(at) and not self.is_lowered


@dataclass(frozen=True, kw_only=True)
class HostSession:
    """A session at the host as the rules of trust see it, and the passkey that is taken to have opened it."""

    bearer: Bearer
    opener: Opener | None = None


def read_rooted_in(text: object) -> RootedIn:
    """What a host says of a session; what is not said, or not known, counts as the weakest."""
    return RootedIn(text) if isinstance(text, str) and text in list(RootedIn) else RootedIn.SMS


def host_session(
    rooted_in: RootedIn,
    passkeys: Sequence[Opener],
    *,
    opened_by: str | None,
    session_id: str,
    is_disputed: bool,
    at: datetime,
) -> HostSession:
    """The session in which something was bound at `at`, as the host says; `passkeys` are those on record, oldest first.

    A session that is called high was opened by the passkey that the host names, `opened_by`. If the host names none on
    record, it may have been any of them, so one that still waits is taken for it, and the session is no more than
    provisional: else whoever has bound a passkey by a stolen SIM could bind a trusted one with it. Only where there is
    no passkey at all, the host's word stands alone.
    """
    root, rooted_at, opener = Root.HOST, at, None
    assurance = Assurance.HIGH
    if rooted_in in (RootedIn.SMS, RootedIn.RECOVERY_CODE):
        root, assurance = Root.SMS, Assurance.LOW
    elif rooted_in is RootedIn.HIGH and passkeys:
        opener = _opener(passkeys, opened_by, at)
        root, rooted_at = opener.trust.root, opener.trust.rooted_at
        assurance = Assurance.HIGH if opener.is_trusted(at) else Assurance.PROVISIONAL
    bearer = Bearer(
        assurance=assurance,
        root=root,
        rooted_at=rooted_at,
        session_id=session_id,
        binds_as=assurance,
        is_disputed=is_disputed,
    )
    return HostSession(bearer=bearer, opener=opener)


def _opener(passkeys: Sequence[Opener], opened_by: str | None, at: datetime) -> Opener:
    """The passkey that the host names; else the first that is not trusted, and only if all are, the first of all."""
    named = [passkey for passkey in passkeys if passkey.passkey_id == opened_by]
    untrusted = [passkey for passkey in passkeys if not passkey.is_trusted(at)]
    return (named or untrusted or list(passkeys))[0]
