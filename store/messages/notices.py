"""Queues what an account must be told: a change of its sign-in, by every channel that reaches it."""

from datetime import datetime

from sqlmodel import Session

from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from store.messages import budgets, messages
from store.messages.messages import NewMessage
from store.people.accounts import Account


def tell(
    session: Session,
    account: Account,
    template: Template,
    *,
    event: str,
    at: datetime,
    values: dict[str, str] | None = None,
    former_email: str | None = None,
) -> None:
    """Tell the account's owner by all channels (NIST SP 800-63B-4, 4.6); `event` makes the key unique.

    Beyond a contact's budget the notice becomes a part of the next gathered message there. E-mail goes first.
    A contact with a known fault is tried too: security comes first, and if the notice arrives, the contact works again.
    `former_email` gets the notice too, because the account's present address may be somebody else's.
    """
    contacts = {"email": account.email, "sms": account.phone, "former_email": former_email}
    budgets.take_turn(session, account.account_id, [contact for contact in contacts.values() if contact])
    for name, contact in contacts.items():
        if contact is None:
            continue
        notice = NewMessage(
            key=f"{event_key(account.account_id, template, event)}:{name}",
            account_id=account.account_id,
            purpose=Purpose.NOTICE,
            template=template,
            channel=Channel.SMS if name == "sms" else Channel.EMAIL,
            recipient=contact,
            locale=account.locale,
            values=values or {},
        )
        messages.add(session, notice, at=at)


def event_key(account_id: str, template: Template, event: str) -> str:
    """What the keys of all notices of one event begin with; the contact follows."""
    return f"{account_id}:{template}:{event}"


def same_event(key: str) -> str:
    """The event key of a notice's own key."""
    return key.rpartition(":")[0]
