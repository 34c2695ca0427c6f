"""Queues what an account must be told: a change of its sign-in, by every channel that reaches it."""

from datetime import datetime

from sqlmodel import Session

from domain.facts import Channel
from domain.messages import Purpose, Template
from store import messages
from store.accounts import Account
from store.messages import NewMessage


def tell(
    session: Session,
    account: Account,
    template: Template,
    *,
    event: str,
    at: datetime,
    values: dict[str, str] | None = None,
) -> None:
    """Tell the account's owner by all channels (NIST SP 800-63B-4, 4.6); `event` makes the key unique."""
    contacts = {Channel.EMAIL: account.email, Channel.SMS: account.phone}
    for channel, contact in contacts.items():
        if contact is None:
            continue
        new = NewMessage(
            key=f"{account.account_id}:{template}:{event}:{channel}",
            account_id=account.account_id,
            purpose=Purpose.NOTICE,
            template=template,
            channel=channel,
            recipient=contact,
            locale=account.locale,
            values=values or {},
        )
        messages.add(session, new, at=at)
