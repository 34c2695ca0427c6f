"""Numbers and addresses that several accounts have: such a contact leads to nobody, and is no way in for any."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, select

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.safety.contact_keys import contact_key
from store.people import journal
from store.people.accounts import CONTACT_KEYS, Account


def others(session: Session, account: Account) -> dict[Channel, int]:
    """With how many other accounts an account shares its contacts, by channel; contacts of its own are missing."""
    counts = {}
    for channel, column in CONTACT_KEYS.items():
        address = account.email if channel is Channel.EMAIL else account.phone
        query = select(func.count()).select_from(Account).where(column == contact_key(address or ""))
        if address and (sharers := session.exec(query).one() - 1):
            counts[channel] = sharers
    return counts


def of_external_ids(session: Session, external_ids: Sequence[str]) -> dict[str, dict[Channel, str]]:
    """By which channels these of the host's accounts have a contact that others have, too; the others are missing.

    For each channel it is the external id of one of those who have it, the first in the order of texts.
    """
    shared: dict[str, dict[Channel, str]] = defaultdict(dict)
    sharer = aliased(Account)
    for channel, column in CONTACT_KEYS.items():
        same = {Channel.EMAIL: col(sharer.email_key), Channel.SMS: col(sharer.phone)}[channel]
        query = (
            select(Account.external_id, func.min(sharer.external_id))
            .join(sharer, and_(same == column, col(sharer.account_id) != Account.account_id))
            .where(col(Account.external_id).in_(external_ids))
            .group_by(col(Account.external_id))
        )
        for external_id, other_id in session.exec(query):
            shared[external_id][channel] = other_id
    return shared


def spelled_apart(session: Session) -> Sequence[str]:
    """The ids of accounts whose e-mail address another account has in another spelling, sharers beside each other."""
    alike = (
        select(Account.email_key)
        .where(col(Account.email_key).is_not(None))
        .group_by(col(Account.email_key))
        .having(func.count(col(Account.email).distinct()) > 1)
    )
    query = select(Account.account_id).where(col(Account.email_key).in_(alike))
    return session.exec(query.order_by(col(Account.email_key), col(Account.account_id))).all()


def some_sharers(session: Session, *, at_most: int) -> list[str]:
    """The ids of a few accounts that have a number or an address which others have, too; the oldest accounts first."""
    account_ids: set[str] = set()
    for column in CONTACT_KEYS.values():
        several = select(column).where(column.is_not(None)).group_by(column).having(func.count() > 1)
        query = select(Account.account_id).where(column.in_(several)).order_by(col(Account.account_id))
        account_ids |= set(session.exec(query.limit(at_most)))
    return sorted(account_ids)[:at_most]


def tell_lone_sharers(
    session: Session,
    channel: Channel,
    addresses: Collection[str],
    *,
    besides: Collection[str],
    is_shared: bool,
    actor: Actor,
    at: datetime,
) -> None:
    """Write to the journals of accounts that have just begun or ceased to share a contact, so that journeys hear of it.

    `besides` are the accounts whose own contact has changed, which are told anyway. Where several others have an
    address, they shared it before, and share it still.
    """
    if not addresses:
        return
    column, keys = CONTACT_KEYS[channel], {contact_key(address) for address in addresses}
    query = (
        select(func.min(Account.account_id))
        .where(column.in_(keys), col(Account.account_id).not_in(besides))
        .group_by(column)
        .having(func.count() == 1)
    )
    for account_id in sorted(session.exec(query)):
        journal.append(
            session,
            account_id,
            EventKind.CONTACT_SHARED,
            at=at,
            actor=actor,
            channel=channel,
            shared=is_shared,
        )
