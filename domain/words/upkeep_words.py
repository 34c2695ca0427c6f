"""What staff and operators read of losses: the thing an account hangs on, and the ways that are left after one."""

from domain.upkeep.drills import Loss, WayBack
from domain.upkeep.possessions import Thing

THINGS: dict[Thing, str] = {
    Thing.PHONE: "A phone",
    Thing.DEVICE: "One device beside phones",
    Thing.CODES: "Recovery codes on paper",
    Thing.NOTHING: "Nothing that is established",
}
"""What an account hangs on, in a list."""

LOSSES: dict[Loss, str] = {
    Loss.PHONE: "their phone",
    Loss.MAILBOX: "their mailbox",
    Loss.BOTH: "their phone and their mailbox",
}
"""What a drill takes away, after "everybody lost"."""

WAYS: dict[WayBack, str] = {
    WayBack.SYNCED_PASSKEY: "a synced passkey",
    WayBack.ANOTHER_PASSKEY: "a passkey on another device",
    WayBack.TEXT_CODE: "a code by text message",
    WayBack.AUTHENTICATOR_APP: "an authenticator app",
    WayBack.RECOVERY_CODE: "a recovery code",
    WayBack.HOST_LOGIN: "the host's own login",
    WayBack.RECOVERY: "two proofs, after a wait",
    WayBack.RESCUE: "a rescue pass from support",
}
"""How people get in, after "by"."""
