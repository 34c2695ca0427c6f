"""Corrects an account: wrong contacts, lost devices, and text-message codes that were switched off too early."""

from sqlmodel import Session

from domain.desk.acts import ActRefused
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import Fate
from store.acts.orders import Deed, signed, write_down
from store.acts.subjects import BY_SUPPORT
from store.journeys import sms
from store.messages import contact_faults
from store.people import accounts, held_passkeys, passkeys
from store.safety import passkey_release, passkey_removal


def mark_contact_wrong(session: Session, deed: Deed) -> None:
    """Send no more reminders to a contact. Notices still go there, because the member may be mistaken."""
    account_id, channel = deed.order.account_id, _channel(deed)
    contact = contact_faults.contacts(accounts.get(session, account_id))[channel]
    fate = Fate.UNDELIVERABLE
    contact_faults.note(
        session, account_id, channel, contact=contact, fate=fate, reason=BY_SUPPORT, at=deed.at
    )
    write_down(session, deed, EventKind.CONTACT_MARKED_WRONG, channel=channel)


def unmark_contact(session: Session, deed: Deed) -> None:
    """Use a contact again that support had marked as wrong."""
    account_id, channel = deed.order.account_id, _channel(deed)
    contact = contact_faults.contacts(accounts.get(session, account_id))[channel]
    contact_faults.clear(session, account_id, channel, contact=contact, at=deed.at)
    write_down(session, deed, EventKind.CONTACT_WORKS_AGAIN, channel=channel)


def restore_sms(session: Session, deed: Deed) -> None:
    """Switch text-message codes on again, at once; the owner is told by every channel."""
    order = deed.order
    sms.restore(
        session,
        order.account_id,
        at=deed.at,
        actor=Actor.STAFF,
        reason=order.reason,
        **signed(order),
    )


def remove_device(session: Session, deed: Deed) -> None:
    """Remove the passkey of a lost device, and end its sessions; the owner is told by every channel. Raises Unknown."""
    account_id, passkey_id = deed.order.account_id, require_device(deed)
    account = accounts.get(session, account_id)
    passkey = passkeys.get(session, account_id, passkey_id)
    about = {**signed(deed.order), "reason": deed.order.reason}
    passkey_removal.carry_out(session, account, passkey, None, at=deed.at, actor=Actor.STAFF, **about)


def lift_hold(session: Session, deed: Deed) -> None:
    """Let a passkey sign in again that behaved like a copy; the owner is told by every channel. Raises ActRefused."""
    account_id, passkey_id = deed.order.account_id, require_device(deed)
    passkey = passkeys.find_kept(session, account_id, passkey_id)
    if passkey is None:
        raise ActRefused("The account has no such passkey.")
    held_passkeys.trust_again(session, passkey)
    about = {**signed(deed.order), "reason": deed.order.reason}
    account = accounts.get(session, account_id)
    passkey_release.carry_out(session, account, passkey, None, at=deed.at, actor=Actor.STAFF, **about)


def require_device(deed: Deed) -> str:
    """The id of the passkey that an order names. Raises ActRefused without one."""
    if not deed.order.target:
        raise ActRefused("Say which device.")
    return deed.order.target


def note(session: Session, deed: Deed) -> None:
    """Write down a note for colleagues."""
    write_down(session, deed, EventKind.NOTED)


def _channel(deed: Deed) -> Channel:
    if not deed.order.target:
        raise ActRefused("Say which contact.")
    return Channel(deed.order.target)
