"""The contacts of accounts and their history: who brought each, and until when it was the account's.

Most accounts only ever have the contacts of their import. These need no rows: a contact without a row came from the
host with the account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Index, func, text
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, and_, col, select, update
from uuid_utils.compat import uuid7

from domain.contact_keys import are_same, contact_key
from domain.facts import Channel
from domain.trust import Assurance, Root, Trust, Way
from store.engine.types import Instant
from store.people import trust
from store.people.accounts import CONTACT_KEYS, Account
from store.people.trust import TrustColumns

_Sharer = aliased(Account)
"""The accounts once more. Made once: making it takes longer than the query that needs it."""

TOLD_FOR = timedelta(days=30)
"""How long a contact that is no longer the account's is still told of changes (as long as objections are possible)."""


class ContactRecord(TrustColumns, table=True):
    """One contact that was added after the import, or that is no longer the account's; `origin` is a journal's actor.

    `ended_in` is the session that replaced it, with the assurance `ended_as`; `held_at` is since when a dispute keeps
    it out of use. `verified_at` is when the person had verified a former address.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index(
            "ix_contact_ended_as",
            "ended_at",
            sqlite_where=text("ended_as <> 'high'"),
            postgresql_where=text("ended_as <> 'high'"),
        ),
        Index(
            "ix_contact_notice",
            "established_from",
            sqlite_where=text("way = 'notice'"),
            postgresql_where=text("way = 'notice'"),
        ),
    )

    contact_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    account_id: str = Field(foreign_key="account.account_id", index=True)
    channel: str
    address: str
    origin: str
    bound_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_in: str | None = None
    ended_as: str | None = None
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    verified_at: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True, kw_only=True)
class KnownContact:
    """A contact of an account, now or lately; `contact_id` is None for one that came with the import."""

    channel: Channel
    address: str
    trust: Trust
    contact_id: str | None = None
    ended_at: datetime | None = None
    is_shared: bool = False


def new_id() -> str:
    """An id for a new record, for notices that have to name it before it is kept."""
    return str(uuid7())


def present(session: Session, account: Account) -> dict[Channel, KnownContact]:
    """The account's contacts, by channel; whether others have them too is not asked."""
    records = _records(session, account)
    known_contacts = [_present(account, channel, records, frozenset()) for channel in Channel]
    return {contact.channel: contact for contact in known_contacts if contact}


def to_tell(session: Session, account: Account, *, now: datetime) -> list[KnownContact]:
    """The account's contacts, and those that it had in the last 30 days before `now`; each address once."""
    records, shared = _records(session, account), shared_channels(session, account)
    known_contacts = [_present(account, channel, records, shared) for channel in Channel]
    by_key = {contact_key(contact.address): contact for contact in known_contacts if contact}
    for record in records:
        if record.ended_at and record.ended_at > now - TOLD_FOR and record.address:
            by_key.setdefault(contact_key(record.address), _known(record))
    return list(by_key.values())


def shared_channels(session: Session, account: Account) -> frozenset[Channel]:
    """The channels whose contact other accounts have too: such a contact leads to nobody."""
    shared = set()
    for channel, column in CONTACT_KEYS.items():
        address = address_of(account, channel)
        if address is None:
            continue
        sharer = select(Account.account_id).where(
            column == contact_key(address), Account.account_id != account.account_id
        )
        if session.exec(sharer.limit(1)).first() is not None:
            shared.add(channel)
    return frozenset(shared)


def with_shared_phones(session: Session, account_ids: Sequence[str]) -> frozenset[str]:
    """Which of several accounts have a phone number that another account has, too."""
    query = (
        select(Account.account_id)
        .join(
            _Sharer, and_(col(_Sharer.phone) == Account.phone, col(_Sharer.account_id) != Account.account_id)
        )
        .where(col(Account.account_id).in_(account_ids))
    )
    return frozenset(session.exec(query).all())


def address_of(account: Account, channel: Channel) -> str | None:
    """The account's contact by a channel."""
    return account.email if channel is Channel.EMAIL else account.phone


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
        contact_id=contact_id or new_id(),
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
    former = present(session, account).get(channel)
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
        address_of(account, Channel(record.channel)), record.address
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


def get(session: Session, contact_id: str) -> ContactRecord:
    """One record of the history."""
    return session.get_one(ContactRecord, contact_id)


def of_session(session: Session, account_id: str, session_id: str) -> Sequence[ContactRecord]:
    """The contacts that a session brought."""
    query = select(ContactRecord).where(
        ContactRecord.account_id == account_id, ContactRecord.bound_in == session_id
    )
    return session.exec(query).all()


def ended_by(session: Session, account_id: str, session_id: str) -> Sequence[ContactRecord]:
    """The contacts that a session replaced."""
    query = select(ContactRecord).where(
        ContactRecord.account_id == account_id, ContactRecord.ended_in == session_id
    )
    return session.exec(query).all()


def replaced_by_host(session: Session, contact_id: str) -> ContactRecord | None:
    """The contact that the host replaced by another one; None if the other came from a session, or replaced none."""
    successor = get(session, contact_id)
    query = select(ContactRecord).where(
        ContactRecord.account_id == successor.account_id,
        ContactRecord.channel == successor.channel,
        ContactRecord.ended_at == successor.bound_at,
        col(ContactRecord.ended_in).is_(None),
        ContactRecord.contact_id != contact_id,
        ContactRecord.address != "",
    )
    return session.exec(query.limit(1)).first() if successor.bound_in is None else None


def history(session: Session, account: Account) -> Sequence[ContactRecord]:
    """The records of an account's contacts, oldest first."""
    return _records(session, account)


def count_shared(session: Session) -> int:
    """How many accounts have a phone number or an e-mail address that another account has, too."""
    total = 0
    for column in CONTACT_KEYS.values():
        sharers = select(func.count().label("sharers")).where(column.is_not(None)).group_by(column)
        shared = sharers.having(func.count() > 1).subquery()
        total += int(session.execute(select(func.coalesce(func.sum(shared.c.sharers), 0))).scalar_one())
    return total


def _records(session: Session, account: Account) -> Sequence[ContactRecord]:
    if account.contacts_changed_at is None:
        return []
    query = select(ContactRecord).where(ContactRecord.account_id == account.account_id)
    return session.exec(query.order_by(col(ContactRecord.bound_at), col(ContactRecord.contact_id))).all()


def _present(
    account: Account, channel: Channel, records: Sequence[ContactRecord], shared: frozenset[Channel]
) -> KnownContact | None:
    address = address_of(account, channel)
    if address is None:
        return None
    is_shared = channel in shared
    for record in reversed(records):
        if record.channel == channel and are_same(record.address, address) and record.ended_at is None:
            return _known(record, is_shared=is_shared)
    # An address that is not the host's has a record; if it has none, nobody knows who brought it.
    is_hosts = channel is Channel.SMS or are_same(address, account.host_email)
    since_import = Trust(
        root=Root.HOST if is_hosts else Root.SMS,
        rooted_at=account.created_at,
        bound_at=account.created_at,
        way=Way.VOUCHED if is_hosts else Way.CONFIRMATION,
        established_from=account.created_at if is_hosts else None,
    )
    return KnownContact(channel=channel, address=address, trust=since_import, is_shared=is_shared)


def _known(record: ContactRecord, *, is_shared: bool = False) -> KnownContact:
    record_trust = trust.of_row(record)
    if record.held_at or (record.ended_at and not record_trust.is_established(record.ended_at)):
        # It is still told of changes. But what a dispute keeps out of use, or what ended before its time has come,
        # never has the force of the owner's own.
        record_trust = replace(record_trust, established_from=None)
    return KnownContact(
        channel=Channel(record.channel),
        address=record.address,
        trust=record_trust,
        contact_id=record.contact_id,
        ended_at=record.ended_at,
        is_shared=is_shared,
    )
