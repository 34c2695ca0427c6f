"""Queues what an account must be told: a change of its sign-in, at every contact that it has or lately had."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from domain.codes import new_short_code
from domain.facts import Channel
from domain.messages.messages import Purpose, Template
from domain.messages.samples import NOTICES, WITHOUT_CODE
from domain.safety.bindings import is_independent
from domain.safety.contact_keys import contact_key
from domain.trust import Bearer, Trust, Way
from store.messages import budgets, contact_faults, messages
from store.messages.message_rows import Message
from store.messages.messages import NewMessage
from store.people import contacts
from store.people.accounts import Account
from store.people.contacts import KnownContact


def tell(
    session: Session,
    account: Account,
    template: Template,
    *,
    event: str,
    at: datetime,
    values: dict[str, str] | None = None,
    by: Bearer | None = None,
    besides: Collection[str] = (),
) -> None:
    """Tell the account's owner at all contacts (NIST SP 800-63B-4, 4.6); `event` makes the keys unique.

    Beyond a contact's budget the notice becomes a part of the next gathered message there. E-mail goes first.
    A contact with a known fault is tried too: security comes first, and if the notice arrives, the contact works again.
    A contact that the account had until lately gets the notice too, because the present one may be somebody else's.
    `by` is the session that made the change; `besides` are addresses that vouch for nothing all the same.
    """
    vouching = (
        {contact_key(contact.address) for contact in independent(session, account, by)} if by else set()
    ) - {contact_key(address) for address in besides}
    told_contacts = contacts.to_tell(session, account, now=at)
    budgets.take_turn(session, account.account_id, [contact.address for contact in told_contacts])
    for contact in told_contacts:
        notice = NewMessage(
            key=f"{event_key(account.account_id, template, event)}:{_name(contact)}",
            account_id=account.account_id,
            purpose=Purpose.NOTICE,
            template=template,
            channel=contact.channel,
            recipient=contact.address,
            locale=account.locale,
            values=values or {},
            by_session=by.session_id if by else None,
            by_assurance=by.assurance if by else None,
            vouches=contact_key(contact.address) in vouching,
            short_code=_short_code(template, contact.channel),
        )
        messages.add(session, notice, at=at)


def independent(session: Session, account: Account, bearer: Bearer) -> list[KnownContact]:
    """The contacts that can tell the owner what a session does: it neither brought them along nor came in by them.

    A contact that is known not to work tells nobody anything.
    """
    faults = contact_faults.of_account(session, account)
    return [
        contact
        for contact in contacts.to_tell(session, account, now=bearer.rooted_at)
        if is_independent(
            contact.channel,
            contact.trust,
            root=bearer.root,
            rooted_at=bearer.rooted_at,
            is_shared=contact.is_shared,
        )
        and not (contact.ended_at is None and contact.channel in faults and faults[contact.channel].is_broken)
    ]


def waits(new_trust: Trust, *, cooling_off: timedelta, sim_swap_window: timedelta) -> dict[str, str]:
    """The values of a notice by which the waiting begins: how long it takes, in seconds, as it was promised."""
    if new_trust.way is not Way.NOTICE:
        return {}
    return {
        "cooling_off": f"{cooling_off.total_seconds():.0f}",
        "sim_swap_window": f"{sim_swap_window.total_seconds():.0f}",
    }


def event_key(account_id: str, template: Template, event: str) -> str:
    """What the keys of all notices of one event begin with; the contact follows."""
    return f"{account_id}:{template}:{event}"


def of_event(session: Session, account_id: str, template: Template, event: str) -> Sequence[Message]:
    """The notices of one event, or of all whose names begin so with a dash, at whatever contacts."""
    begins = event_key(account_id, template, event)
    query = select(Message).where(
        Message.account_id == account_id, col(Message.key).startswith(begins, autoescape=True)
    )
    return session.exec(query).all()


def same_event(key: str) -> str:
    """The event key of a notice's own key."""
    return key.rpartition(":")[0]


def _name(contact: KnownContact) -> str:
    return contact.channel.value if contact.ended_at is None else f"former-{contact.contact_id}"


def _short_code(template: Template, channel: Channel) -> str | None:
    """A text holds no link, because people learn not to follow links in texts; it holds a code for our own page."""
    has_code = channel is Channel.SMS and template in NOTICES - WITHOUT_CODE
    return new_short_code() if has_code else None
