"""What changes in the contacts of accounts: one is put in another's place, ends, comes back, or is held.

The caller changes the account's own row where the function does not say that it does.
"""

from datetime import datetime

from sqlmodel import Session, col, update

from domain.facts import Channel
from domain.safety.contact_keys import are_same
from domain.trust import Assurance, Trust, Way
from store.people import contacts, trust
from store.people.accounts import Account
from store.people.contacts import ContactRecord


def put(
    session: Session,
    account: Account,
    channel: Channel,
    address: str,
    new_trust: Trust,
    *,
    origin: str,
    bound_in: str | None,
    by: Assurance | None = None,
    contact_id: str = "",
) -> ContactRecord:
    """Keep who brought the contact that the account has from now on; the former one is kept as ended.

    `by` is the assurance of the session `bound_in`. The caller changes the account's own row.
    """
    at = new_trust.bound_at
    end(session, account, channel, at=at, ended_in=bound_in, ended_as=by)
    record = ContactRecord(
        contact_id=contact_id or contacts.new_id(),
        account_id=account.account_id,
        channel=channel,
        address=address,
        origin=origin,
        bound_at=at,
        **trust.columns(new_trust, bound_in=bound_in),
    )
    session.add(record)
    account.contacts_changed_at = at
    session.add(account)
    session.flush()
    return record


def end(
    session: Session,
    account: Account,
    channel: Channel,
    *,
    at: datetime,
    ended_in: str | None,
    ended_as: Assurance | None = None,
) -> None:
    """Note that the account's contact by a channel is no longer the account's."""
    former = contacts.present(session, account).get(channel)
    if former is None:
        return
    record = session.get(ContactRecord, former.contact_id) if former.contact_id else None
    record = record or ContactRecord(
        account_id=account.account_id,
        channel=channel,
        address=former.address,
        origin="host",
        bound_at=former.trust.bound_at,
        **trust.columns(former.trust, bound_in=None),
    )
    record.ended_at, record.ended_in, record.ended_as = at, ended_in, ended_as
    record.verified_at = account.email_verified_at if channel is Channel.EMAIL else None
    account.contacts_changed_at = at
    session.add_all((record, account))
    session.flush()


def bring_back(session: Session, account: Account, record: ContactRecord, *, at: datetime) -> None:
    """Make a former contact the account's own again; the present one ends."""
    channel = Channel(record.channel)
    end(session, account, channel, at=at, ended_in=None)
    record.ended_at = record.ended_in = record.ended_as = record.held_at = None
    if channel is Channel.EMAIL:
        account.email, account.email_verified_at = record.address, record.verified_at
    else:
        account.phone = record.address
    session.add_all((record, account))
    session.flush()


def take_away(
    session: Session, account: Account, record: ContactRecord, *, at: datetime, ended_in: str | None = None
) -> None:
    """End a contact that is the account's own now, with none in its place; `ended_in` is noted in any case."""
    record.ended_in = ended_in or record.ended_in
    session.add(record)
    if record.ended_at is not None or not are_same(
        contacts.address_of(account, Channel(record.channel)), record.address
    ):
        return
    record.ended_at = at
    if record.channel == Channel.EMAIL:
        record.verified_at = account.email_verified_at
        account.email = account.email_verified_at = None
    else:
        account.phone = None
    session.add_all((record, account))
    session.flush()


def hold(session: Session, record: ContactRecord, *, at: datetime) -> None:
    """Keep a contact out of use while a dispute about it is open."""
    record.held_at = at
    session.add(record)
    session.flush()


def establish(session: Session, record: ContactRecord, *, from_: datetime | None, way: Way) -> None:
    """Note from when a contact is established; None if that is not known."""
    record.established_from, record.way = from_, way
    session.add(record)
    session.flush()


def forget_phones(session: Session, account_id: str) -> None:
    """Forget the numbers in an account's history, because its phone number is forgotten."""
    texts = update(ContactRecord).where(
        col(ContactRecord.account_id) == account_id, col(ContactRecord.channel) == Channel.SMS
    )
    session.execute(texts.values(address=""))
