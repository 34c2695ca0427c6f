"""The link that ends the waiting of a recovery, and the one contact that it goes to."""

from datetime import datetime

from sqlmodel import Session

from domain.codes import new_short_code
from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from domain.recovery import OPEN_FOR
from store.messages import contact_faults, messages
from store.messages.messages import NewMessage
from store.people import contacts
from store.people.accounts import Account
from store.people.contacts import KnownContact
from store.safety import recoveries
from store.safety.recoveries import Recovery


def contact(session: Session, account: Account, *, now: datetime) -> KnownContact | None:
    """The established contact that a link goes to: the address if it works, else the number if texts reach it."""
    faults = contact_faults.of_account(session, account)
    present, shared = contacts.present(session, account), contacts.shared_channels(session, account)
    for channel in (Channel.EMAIL, Channel.SMS):
        candidate = present.get(channel)
        is_broken = channel in faults and faults[channel].is_broken
        if candidate and channel not in shared and not is_broken and candidate.trust.is_established(now):
            return candidate
    return None


def send(session: Session, account: Account, recovery: Recovery, *, at: datetime) -> bool:
    """Send the link of a locked request that is open; False if no contact could get it. Each sending has a key."""
    to = contact(session, account, now=at)
    if to is None:
        return False
    number = recoveries.note_link(session, recovery)
    message = NewMessage(
        key=f"{account.account_id}:{Template.RECOVERY_OPEN}:{recovery.recovery_id}-{number}:{to.channel}",
        account_id=account.account_id,
        purpose=Purpose.NOTICE,
        template=Template.RECOVERY_OPEN,
        channel=to.channel,
        recipient=to.address,
        locale=account.locale,
        values={"recovery_id": recovery.recovery_id, "days": f"{OPEN_FOR.days}"},
        short_code=new_short_code() if to.channel is Channel.SMS else None,
        expires_at=recovery.ends_at,
    )
    return messages.add(session, message, at=at)
