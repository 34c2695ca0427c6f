"""The contacts of accounts and their history: who brought each, and until when it was the account's.

Most accounts only ever have the contacts of their import. These need no rows: a contact without a row came from the
host with the account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Index, func, text
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, and_, col, select
from uuid_utils.compat import uuid7

from domain.facts import Channel
from domain.safety.contact_keys import are_same, contact_key
from domain.trust import Root, Trust, Way
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
    it out of use. `verified_at` is when the person had verified a former address. `disowned_at` is since when the host
    says that it is another person's: it is told nothing any more, and never comes back by itself.
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
    disowned_at: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True, kw_only=True)
class KnownContact:
    """A contact of an account, now or lately; `contact_id` is None for one that came with the import."""

    channel: Channel
    address: str
    trust: Trust
    contact_id: str | None = None
    ended_at: datetime | None = None
    is_shared: bool = False


def is_same(contact: KnownContact, address: str) -> bool:
    """Whether a contact is at this address, in whatever spelling."""
    return are_same(contact.address, address)


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
        if record.ended_at and record.ended_at > now - TOLD_FOR and record.address and not record.disowned_at:
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
        ContactRecord.account_id == account_id,
        ContactRecord.ended_in == session_id,
        col(ContactRecord.disowned_at).is_(None),
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
        col(ContactRecord.disowned_at).is_(None),
        ContactRecord.contact_id != contact_id,
        ContactRecord.address != "",
    )
    return session.exec(query.limit(1)).first() if successor.bound_in is None else None


def history(session: Session, account: Account) -> Sequence[ContactRecord]:
    """The records of an account's contacts, oldest first."""
    return _records(session, account)


def has_lost_phone(session: Session, account: Account) -> bool:
    """Whether the account's number is another person's now, by the host's word, and none has taken its place."""
    records = _records(session, account)
    return account.phone is None and any(
        record.channel == Channel.SMS and record.disowned_at for record in records
    )


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
    if (
        record.held_at
        or record.disowned_at
        or (record.ended_at and not record_trust.is_established(record.ended_at))
    ):
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
