"""Steps that several stories share: the set-up, and what an objection must have stopped."""

from http import HTTPStatus

from domain.journal import EventKind
from offramp.crowd.browsers import Surprise
from offramp.crowd.people import CrowdMember, Device


async def sets_up(me: CrowdMember) -> None:
    """Reach all four milestones; the person is signed in already."""
    await proves_passkey(me)
    await me.keeps_recovery_codes()


async def proves_passkey(me: CrowdMember) -> None:
    """Reach the first three milestones."""
    await me.verifies_email()
    await me.sees_prompt()
    await me.makes_passkey()
    await me.tries_passkey()


async def is_stopped(me: CrowdMember, device: Device) -> None:
    """The owner has objected to a passkey. Raises Surprise if it still changes something."""
    if await can_change(me, device):
        raise Surprise("a passkey that its owner objects to still makes recovery codes")


async def can_change(me: CrowdMember, device: Device) -> bool:
    """Whether a passkey signs in and makes recovery codes. Disputed, it opens nothing, or at least changes nothing."""
    if not await me.is_let_in_by_passkey(device):
        return False
    status = await device.browser.attempt("/setup/recovery-codes")
    if status is not HTTPStatus.OK:
        return False
    me.event_counts[EventKind.RECOVERY_CODES_MADE] += 1
    return True
