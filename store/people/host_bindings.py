"""Contacts that the host changes in an import: each is a new binding, and the one before stays on record as ended."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.trust import Root, Trust, Way
from store.people import accounts, contact_changes, contacts, journal, sharing
from store.people.accounts import Account
from store.people.contacts import ContactRecord

_COLUMNS = {Channel.EMAIL: "email", Channel.SMS: "phone"}


@dataclass(frozen=True, kw_only=True)
class HostBinding:
    """A contact that the host gave an account which it had imported before; `replaces`: the account had one already."""

    account_id: str
    channel: Channel
    contact_id: str
    trust: Trust
    replaces: bool


def vouches(at: datetime) -> Callable[[Account], Trust]:
    """The rule by which the host vouches at once for every contact that it changes."""
    trust = Trust(root=Root.HOST, rooted_at=at, bound_at=at, way=Way.VOUCHED, established_from=at)
    return lambda account: trust


def keep(
    session: Session, account_id: str, changes: Mapping[str, Any], bind: Callable[[Account], Trust]
) -> list[HostBinding]:
    """Keep who brought the contacts that change in an account's row, before the row changes."""
    changed_channels = [channel for channel, column in _COLUMNS.items() if changes.get(column)]
    if not changed_channels:
        return []
    account = accounts.get(session, account_id)
    return [
        _keep(session, account, channel, changes[_COLUMNS[channel]], bind) for channel in changed_channels
    ]


def drop_email(session: Session, account: Account, *, at: datetime) -> None:
    """Take an account's e-mail address away, with none in its place; notices still go there for 30 days."""
    address = account.email
    if address is None:
        return
    contact_changes.end(session, account, Channel.EMAIL, at=at, ended_in=None)
    account.email = account.host_email = account.email_verified_at = account.host_verified_email = None
    session.add(account)
    session.flush()
    kind, besides = EventKind.ACCOUNT_CHANGED, [account.account_id]
    journal.append(session, account.account_id, kind, at=at, actor=Actor.HOST, fields=["email"])
    sharing.tell_lone_sharers(
        session, Channel.EMAIL, [address], besides=besides, is_shared=False, actor=Actor.HOST, at=at
    )


def told_phones(session: Session, account_ids: Collection[str]) -> dict[str, str]:
    """The numbers that the host told last, by account id, of accounts whose number was changed after their import.

    A number that a dispute has put out of use must not come back with the host's next file.
    """
    query = select(ContactRecord.account_id, ContactRecord.address).where(
        col(ContactRecord.account_id).in_(account_ids),
        ContactRecord.channel == Channel.SMS,
        ContactRecord.origin == Actor.HOST,
    )
    oldest_first: Sequence[tuple[str, str]] = session.exec(query.order_by(col(ContactRecord.bound_at))).all()
    return dict(oldest_first)


def _keep(
    session: Session, account: Account, channel: Channel, address: str, bind: Callable[[Account], Trust]
) -> HostBinding:
    replaces, trust = contacts.address_of(account, channel) is not None, bind(account)
    record = contact_changes.put(session, account, channel, address, trust, origin=Actor.HOST, bound_in=None)
    return HostBinding(
        account_id=account.account_id,
        channel=channel,
        contact_id=record.contact_id,
        trust=trust,
        replaces=replaces,
    )
