"""Accounts: who they are, how to reach them, and what holds them back. `store.journeys.sms` changes their SMS state."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, event, func, text
from sqlmodel import Field, Session, SQLModel, col, select, update
from uuid_utils.compat import uuid7

from domain.errors import Unknown
from domain.facts import Channel, SmsState
from domain.journey import StuckReason
from domain.prompts import CannotReason
from domain.safety.contact_keys import email_key
from store.engine.types import BYTEWISE, Instant
from store.people.account_indexes import PHONE_END, index_beginnings, index_progress, index_since

ENDED_BY_PROGRESS = ("stuck_since", "stuck_reason", "cannot_since", "cannot_reason")
"""The columns of what ends when the person makes progress."""


class Account(SQLModel, table=True):
    """One person at the host. `email` is the address in use; `host_email` is the address that the host told last.

    `email_key` is what `email` is looked up and compared by; mail goes to `email` itself.

    `time_zone` is what the host told; without it, `phone_zone` counts, the zone of the phone number.
    `sim_checked_at` is when somebody last learnt whether the SIM was swapped. `sim_asked_at` is when Offramp asked,
    `sim_answer` what that came to, `sim_source` who was asked ("none": nobody could be), and `sim_claimed_at` when it
    began to ask: nothing is asked and paid for twice.
    `sms_method`, `other_methods`, `host_verified_email` and `host_verified_phone` are the host's own word, None while
    it has said nothing: the ways in that the account has there, and whether the host has verified each contact itself.
    `cannot_reason` is the answer of a person who cannot go on now; it stays until they make progress.

    `lacks_device_since` is when the person said that they have no device for a passkey; progress does not end that.

    `deactivated_at` is since when the host says that the account is not active: nobody can sign in to it.
    `user_name` is what its person is called at an identity system, if one has told of it; it is compared by
    `user_name_key`.

    Of an account that its host has deleted, or that was erased, only ids, `deleted_at` and `forgotten_at` are left: see
    `store.people.deletions`. Since `forgotten_at` nothing around it names the person either.

    What earlier policies have promised holds: codes stay restorable until `removal_not_before`, the evidence cools off
    until `cools_off_until`, and the prompt can be put off `skips_told` times in all, until `skips_told_until` if that
    is set. `told_end_at` is the end date that the person was told last, at
    `told_end_since`.
    """

    __table_args__ = (
        index_since("stuck_since", "stuck_reason"),
        index_since("held_since"),
        index_progress("stuck_since", "stuck_reason"),
        index_progress("held_since"),
        index_progress("cannot_since"),
        index_since("disputed_since"),
        index_since("cannot_since"),
        index_since("rests_until"),
        index_since("sim_changed_at"),
        Index(
            "ix_account_sim_source",
            "sim_source",
            sqlite_where=text("sim_answer = 'unknown'"),
            postgresql_where=text("sim_answer = 'unknown'"),
        ),
        Index("ix_account_phone_end", PHONE_END, "account_id"),
        Index(
            "ix_account_codes_off",
            "sms_since",
            "account_id",
            sqlite_where=text("sms IN ('suspended', 'removed')"),
            postgresql_where=text("sms IN ('suspended', 'removed')"),
        ),
        index_beginnings("external_id"),
        Index("ix_account_email_key", "email_key", "account_id"),
        Index(
            "ix_account_to_forget",
            "deleted_at",
            sqlite_where=text("deleted_at IS NOT NULL AND forgotten_at IS NULL"),
            postgresql_where=text("deleted_at IS NOT NULL AND forgotten_at IS NULL"),
        ),
    )

    account_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    external_id: str = Field(unique=True)
    email: str | None = None
    email_key: str | None = Field(default=None, sa_column=Column(BYTEWISE, nullable=True))
    host_email: str | None = None
    phone: str | None = Field(default=None, index=True)
    locale: str = "en"
    time_zone: str | None = None
    phone_zone: str | None = None
    country: str | None = None
    risk_tier: str | None = None
    last_sign_in_at: datetime | None = Field(default=None, sa_type=Instant)
    attributes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    sim_checked_at: datetime | None = Field(default=None, sa_type=Instant)
    sim_changed_at: datetime | None = Field(default=None, sa_type=Instant)
    sim_claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    sim_asked_at: datetime | None = Field(default=None, sa_type=Instant)
    sim_answer: str | None = None
    sim_source: str | None = None
    sms_method: str | None = None
    other_methods: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    host_verified_email: bool | None = None
    host_verified_phone: bool | None = None
    created_at: datetime = Field(sa_type=Instant)
    email_verified_at: datetime | None = Field(default=None, sa_type=Instant)
    exposed_at: datetime | None = Field(default=None, sa_type=Instant)
    progress_at: datetime | None = Field(default=None, sa_type=Instant)
    snoozed_until: datetime | None = Field(default=None, sa_type=Instant)
    skips_used: int = 0
    cannot_reason: str | None = None
    cannot_since: datetime | None = Field(default=None, sa_type=Instant)
    lacks_device_since: datetime | None = Field(default=None, sa_type=Instant)
    sms: str = SmsState.ON
    sms_since: datetime | None = Field(default=None, sa_type=Instant)
    restored_at: datetime | None = Field(default=None, sa_type=Instant)
    held_since: datetime | None = Field(default=None, sa_type=Instant)
    capped_until: datetime | None = Field(default=None, sa_type=Instant)
    disputed_since: datetime | None = Field(default=None, sa_type=Instant)
    rest: str | None = None
    rests_until: datetime | None = Field(default=None, sa_type=Instant)
    extended_until: datetime | None = Field(default=None, sa_type=Instant)
    rescued_at: datetime | None = Field(default=None, sa_type=Instant)
    contacts_changed_at: datetime | None = Field(default=None, sa_type=Instant)
    removal_not_before: datetime | None = Field(default=None, sa_type=Instant)
    cools_off_until: datetime | None = Field(default=None, sa_type=Instant)
    skips_told: int | None = None
    skips_told_until: datetime | None = Field(default=None, sa_type=Instant)
    told_end_at: datetime | None = Field(default=None, sa_type=Instant)
    told_end_since: datetime | None = Field(default=None, sa_type=Instant)
    stuck_since: datetime | None = Field(default=None, sa_type=Instant)
    stuck_reason: str | None = None
    facts_version: int = 0
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)
    forgotten_at: datetime | None = Field(default=None, sa_type=Instant)
    deactivated_at: datetime | None = Field(default=None, sa_type=Instant)
    user_name: str | None = None
    user_name_key: str | None = Field(default=None, unique=True, index=True)


CONTACT_KEYS: Mapping[Channel, Any] = {
    Channel.EMAIL: col(Account.email_key),
    Channel.SMS: col(Account.phone),
}
"""The columns by which queries compare contacts."""


@event.listens_for(Account, "before_insert")
@event.listens_for(Account, "before_update")
def _follow_email(_mapper: object, _connection: object, account: Account) -> None:
    """Keep the key with its address. Statements that bypass the ORM, as imports do, write both."""
    account.email_key = email_key(account.email) if account.email is not None else None


def is_deleted() -> ColumnElement[bool]:
    """Whether an account was deleted by its host, or erased: the row remains for the journal, and is nobody's."""
    return col(Account.deleted_at).is_not(None)


def get(session: Session, account_id: str) -> Account:
    """The account of an id; raises Unknown."""
    account = session.get(Account, account_id)
    if account is None:
        raise Unknown(f"no account {account_id}")
    return account


def get_many(session: Session, account_ids: Sequence[str]) -> dict[str, Account]:
    """Several accounts by their ids; raises Unknown if one is missing."""
    query = select(Account).where(col(Account.account_id).in_(account_ids))
    by_id = {account.account_id: account for account in session.exec(query)}
    if missing_ids := set(account_ids) - set(by_id):
        raise Unknown(f"no account {min(missing_ids)}")
    return by_id


def lock(session: Session, account_id: str) -> Account:
    """The account as it is now, with its row locked until the transaction ends (SQLite has one writer anyway).

    Code that checks an account and then changes it locks it first. Other transactions may still add rows that refer to
    the account, so that two transactions that have both added such rows do not wait for each other. Raises Unknown.
    """
    query = select(Account).where(Account.account_id == account_id).with_for_update(key_share=True)
    account = session.exec(query.execution_options(populate_existing=True)).first()
    if account is None:
        raise Unknown(f"no account {account_id}")
    return account


def by_external_id(session: Session, external_id: str) -> Account | None:
    """The account of a host's id."""
    query = select(Account).where(Account.external_id == external_id, ~is_deleted())
    return session.exec(query).first()


def last_external_id(session: Session, prefix: str) -> str | None:
    """The last of the host's ids that begin with `prefix`, sorted as text; None if no id does."""
    has_prefix = col(Account.external_id).startswith(prefix, autoescape=True)
    return session.exec(select(func.max(Account.external_id)).where(has_prefix)).one()


def by_contact(session: Session, *, phone: str | None = None, email: str | None = None) -> Account | None:
    """The account with this phone number or e-mail address; None if there is no such account, or more than one.

    A contact that several accounts share does not say which person it is, and a guess could sign in the wrong person.
    """
    if not (phone or email):
        return None
    sharers = session.exec(select(Account).where(_has(phone, email)).limit(2)).all()
    return sharers[0] if len(sharers) == 1 else None


def id_by_contact(session: Session, *, phone: str | None = None, email: str | None = None) -> str:
    """The id of the account that `by_contact` finds; empty if there is none, or if its host has deactivated it.

    At the door this is one small query for somebody and for nobody: to read a whole account would take longer.
    """
    query = select(Account.account_id, Account.deactivated_at).where(_has(phone, email)).limit(2)
    sharers = session.exec(query).all()
    if len(sharers) != 1 or not (phone or email):
        return ""
    account_id, deactivated_at = sharers[0]
    return "" if deactivated_at else account_id


def count(session: Session) -> int:
    """How many accounts there are; those that their host has deleted are none any more."""
    return session.exec(select(func.count()).select_from(Account).where(~is_deleted())).one()


def count_ever(session: Session) -> int:
    """How many accounts there have ever been: one that was deleted leaves its row."""
    return session.exec(select(func.count()).select_from(Account)).one()


def each_id(session: Session, *, after: str = "", batch: int = 1000) -> Iterator[list[str]]:
    """All account ids behind `after`, in order, batch by batch."""
    while True:
        query = select(Account.account_id).where(Account.account_id > after).order_by(Account.account_id)
        ids = list(session.exec(query.limit(batch)).all())
        if not ids:
            return
        yield ids
        after = ids[-1]


def note_sign_in(session: Session, account_id: str, *, at: datetime) -> None:
    """Note when the person last signed in. Journeys do not decide by it, so the facts version stays."""
    statement = update(Account).where(col(Account.account_id) == account_id)
    session.execute(statement.values(last_sign_in_at=at))


def raise_version(session: Session, account_id: str, *, progress_at: datetime | None) -> int:
    """Count one change of the account's facts and return the new version. Progress ends `stuck` and `cannot`."""
    changes: dict[str, Any] = {"facts_version": Account.facts_version + 1}
    if progress_at:
        changes |= {"progress_at": progress_at, **dict.fromkeys(ENDED_BY_PROGRESS)}
    statement = update(Account).where(col(Account.account_id) == account_id).values(changes)
    version = session.execute(statement.returning(col(Account.facts_version))).scalar_one_or_none()
    if version is None:
        raise Unknown(f"no account {account_id}")
    return int(version)


def verify_email(session: Session, account: Account, email: str | None, *, at: datetime) -> None:
    """Take over an address that the person has verified."""
    account.email, account.email_verified_at = email, at
    _keep(session, account)


def note_exposed(session: Session, account: Account, *, at: datetime) -> None:
    """Note when the person saw the prompt on a device that can make a passkey; patience runs from here."""
    account.exposed_at = at
    _keep(session, account)


def skip_prompt(session: Session, account: Account, *, until: datetime) -> None:
    """Count one "remind me later", and leave the person alone until then, or longer if that was told before."""
    account.skips_used += 1
    account.snoozed_until = max(until, account.snoozed_until or until)
    _keep(session, account)


def note_cannot(
    session: Session, account: Account, reason: CannotReason, *, at: datetime, until: datetime
) -> None:
    """Note why the person cannot go on, and leave them alone until then."""
    account.cannot_reason, account.cannot_since = reason, at
    if reason is CannotReason.NO_DEVICE:
        account.lacks_device_since = account.lacks_device_since or at
    account.snoozed_until = max(until, account.snoozed_until or until)
    _keep(session, account)


def note_capped(session: Session, account: Account, *, until: datetime) -> None:
    """Note until when the person's contacts have had as many reminders as they may have."""
    account.capped_until = until
    _keep(session, account)


def note_told_end(session: Session, account: Account, ends_at: datetime | None, *, at: datetime) -> None:
    """Note which end date the person was told now; None if they were told that there is none any more."""
    account.told_end_at, account.told_end_since = ends_at, at if ends_at else None
    _keep(session, account)


def note_stuck(session: Session, account: Account, reason: StuckReason, *, at: datetime) -> None:
    """Note since when a journey is stuck, and why."""
    account.stuck_since, account.stuck_reason = at, reason
    _keep(session, account)


def begin_dispute(session: Session, account: Account, *, at: datetime) -> None:
    """Note since when an objection of the account is open."""
    account.disputed_since = at
    _keep(session, account)


def end_dispute(session: Session, account: Account) -> None:
    """Note that no objection of the account is open any more."""
    account.disputed_since = None
    _keep(session, account)


def _has(phone: str | None, email: str | None) -> ColumnElement[bool]:
    return col(Account.phone) == phone if phone else col(Account.email_key) == email_key(email or "")


def _keep(session: Session, account: Account) -> None:
    session.add(account)
    session.flush()
