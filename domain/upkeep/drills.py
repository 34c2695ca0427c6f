"""The lock-out drill: which ways in would be left after a loss, and how long each takes."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.inventory import OtherMethod
from domain.policy import Policy
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
    RECOVERY_CODE = "recovery_code"
    HOST_LOGIN = "host_login"
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
    _policy: Policy,
    *,
    rescue_delay: timedelta = RESCUE_DELAY,
) -> list[TimedWay]:
    """The ways in that are left, the fastest first.

    It assumes what `domain.upkeep.single_loss` assumes. To get in, a proven passkey or code is enough, established or
    not. Of the host's own login only what is named counts: passwords survive, an authenticator app is on the phone.
    """
    is_left = {
        WayBack.SYNCED_PASSKEY: any(passkey.is_synced for passkey in possessions.proven_passkeys),
        WayBack.ANOTHER_PASSKEY: any(_survives(passkey, loss) for passkey in possessions.proven_passkeys),
        WayBack.TEXT_CODE: possessions.texts_sign_in and not loss.takes_phone,
        WayBack.RECOVERY_CODE: possessions.codes_left > 0,
        WayBack.HOST_LOGIN: bool(possessions.other_methods & _methods_left(loss)),
        WayBack.RESCUE: possessions.can_be_rescued,
    }
    waits = {WayBack.RESCUE: rescue_delay}
    ways = [TimedWay(way=way, wait=waits.get(way, timedelta())) for way, left in is_left.items() if left]
    return sorted(ways, key=lambda timed: timed.wait)


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
