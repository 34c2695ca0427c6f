"""The lock-out drill: which ways in would be left after a loss, and how long each takes."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.facts import Channel
from domain.inventory import OtherMethod
from domain.policy import Policy
from domain.recovery import Circumstances, rule_for, wait, without_email
from domain.recovery_rules import ProofKind, RecoveryRule
from domain.staff.approvals import RESCUE_DELAY
from domain.upkeep.possessions import OwnPasskey, Possessions


class Loss(StrEnum):
    """What a drill takes away from everybody."""

    PHONE = "phone"
    MAILBOX = "mailbox"
    BOTH = "both"

    @property
    def takes_phone(self) -> bool:
        """Whether the phone is gone, with its number and what lives on it alone."""
        return self is not Loss.MAILBOX

    @property
    def takes_mailbox(self) -> bool:
        """Whether nobody reads the e-mail any more."""
        return self is not Loss.PHONE


class WayBack(StrEnum):
    """A way in that a loss may leave, the handiest first. Only `rescue` needs somebody else."""

    SYNCED_PASSKEY = "synced_passkey"
    ANOTHER_PASSKEY = "another_passkey"
    TEXT_CODE = "text_code"
    AUTHENTICATOR_APP = "authenticator_app"
    RECOVERY_CODE = "recovery_code"
    HOST_LOGIN = "host_login"
    RECOVERY = "recovery"
    RESCUE = "rescue"


@dataclass(frozen=True, kw_only=True)
class TimedWay:
    """One way in, and how long it takes from the loss until the person is in; zero means at once."""

    way: WayBack
    wait: timedelta = timedelta()

    @property
    def is_own(self) -> bool:
        """Whether the person needs nobody's help for it."""
        return self.way is not WayBack.RESCUE


def ways_after_loss(
    possessions: Possessions,
    loss: Loss,
    policy: Policy,
    *,
    rescue_delay: timedelta = RESCUE_DELAY,
    email_recovers: bool = True,
) -> list[TimedWay]:
    """The ways in that are left, the fastest first.

    It assumes what `domain.upkeep.single_loss` assumes. To get in, a proven passkey or code is enough, established or
    not. Of the host's own login only what is named counts: passwords survive, an authenticator app is on the phone.
    """
    is_left = {
        WayBack.SYNCED_PASSKEY: any(passkey.is_synced for passkey in possessions.proven_passkeys),
        WayBack.ANOTHER_PASSKEY: any(_survives(passkey, loss) for passkey in possessions.proven_passkeys),
        WayBack.TEXT_CODE: possessions.texts_sign_in and not loss.takes_phone,
        WayBack.AUTHENTICATOR_APP: possessions.has_app and not loss.takes_phone,
        WayBack.RECOVERY_CODE: possessions.codes_left > 0,
        WayBack.HOST_LOGIN: bool(possessions.other_methods & _methods_left(loss)),
        WayBack.RESCUE: possessions.can_be_rescued,
    }
    rules = policy.recovery if email_recovers else without_email(policy.recovery)
    recovery_wait = _recovery_wait(possessions, loss, rules, cooling_off=policy.cooling_off)
    is_left[WayBack.RECOVERY] = recovery_wait is not None
    waits = {WayBack.RESCUE: rescue_delay, WayBack.RECOVERY: recovery_wait or timedelta()}
    ways = [TimedWay(way=way, wait=waits.get(way, timedelta())) for way, left in is_left.items() if left]
    return sorted(ways, key=lambda timed: timed.wait)


def _recovery_wait(
    possessions: Possessions, loss: Loss, rules: tuple[RecoveryRule, ...], *, cooling_off: timedelta
) -> timedelta | None:
    """How long a recovery would wait by what is left; None if no two things are, or the way in could not be sent.

    The host's word is not counted: it is somebody's help.
    """
    lost = set[ProofKind]()
    if loss.takes_phone:
        lost |= {ProofKind.SMS, ProofKind.AUTHENTICATOR_APP}
    if loss.takes_mailbox:
        lost |= {ProofKind.EMAIL}
    unreadable = {Channel.SMS} if loss.takes_phone else set()
    unreadable |= {Channel.EMAIL} if loss.takes_mailbox else set()
    left = [proof for proof in possessions.proofs if proof.kind not in lost]
    rule = rule_for(left, rules)
    if rule is None or not possessions.link_channels - unreadable:
        return None
    return wait(rule, Circumstances(), cooling_off=cooling_off)


def _survives(passkey: OwnPasskey, loss: Loss) -> bool:
    return not passkey.is_synced and not (loss.takes_phone and passkey.is_on_phone)


def _methods_left(loss: Loss) -> frozenset[OtherMethod]:
    """The host's methods that a loss leaves; nobody knows where a passkey of the host's own lives."""
    left = {OtherMethod.PASSWORD}
    if not loss.takes_phone:
        left.add(OtherMethod.TOTP)
    if not loss.takes_mailbox:
        left.add(OtherMethod.EMAIL_CODE)
    return frozenset(left)
