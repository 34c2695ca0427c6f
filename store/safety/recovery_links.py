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


def usable(session: Session, account: Account, recovery: Recovery, *, now: datetime) -> list[KnownContact]:
    """The established contacts that a link can go to, the best first: those that were proofs.

    If none was, the address alone, and the number alone where there is no address that works: a text is read out to
    whoever calls more easily than a link.
    """
    faults = contact_faults.of_account(session, account)
    present, shared = contacts.present(session, account), contacts.shared_channels(session, account)
    candidates = [
        contact
        for channel in (Channel.EMAIL, Channel.SMS)
        if (contact := present.get(channel))
        and channel not in shared
        and not (channel in faults and faults[channel].is_broken)
        and contact.trust.is_established(now)
    ]
    kinds = {proof.kind.value for proof in recoveries.proofs(session, recovery.recovery_id)}
    proven = [contact for contact in candidates if contact.channel.value in kinds]
    return proven or candidates[:1]


def send(
    session: Session, account: Account, recovery: Recovery, *, at: datetime, channel: Channel | None = None
) -> bool:
    """Send the link of a locked request that is open, to the best contact or by this channel.

    False if no contact could get it. Each sending has a key. Raises BudgetSpent.
    """
    contacts_left = usable(session, account, recovery, now=at)
    to = next((contact for contact in contacts_left if channel in (None, contact.channel)), None)
    if to is None:
        return False
    number = recoveries.note_link(session, recovery)
    message = NewMessage(
        key=f"{account.account_id}:{Template.RECOVERY_OPEN}:{recovery.recovery_id}-{number}:{to.channel}",
        account_id=account.account_id,
        purpose=Purpose.CODE,  # a notice could be gathered with others, and the way in with it
        template=Template.RECOVERY_OPEN,
        channel=to.channel,
        recipient=to.address,
        locale=account.locale,
        values={"recovery_id": recovery.recovery_id, "days": f"{OPEN_FOR.days}"},
        short_code=new_short_code() if to.channel is Channel.SMS else None,
        expires_at=recovery.ends_at,
    )
    return messages.add(session, message, at=at)
