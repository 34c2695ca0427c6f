"""The journal: what happened to accounts, kept for ever. It is an audit trail, and the outbox of facts for journeys."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, func, or_, text
from sqlmodel import Field, Session, SQLModel, col, insert, select, update

from domain.journal import Actor, EventKind, concerns_journey, is_progress
from domain.journal_details import Detail, DetailValue
from domain.tracing import TRACEPARENT
from store.engine.database import wake_relay
from store.engine.database_clock import not_ahead
from store.engine.types import Instant
from store.people import accounts, failed_ceremonies
from store.webhooks import deliveries, subscriptions
from store.webhooks.deliveries import OutgoingEntry

CLAIM_LIFETIME = timedelta(seconds=10)
"""How long a claim keeps entries from other relays, should the relay that claimed them die."""

_AT_ONCE = 500
"""Accounts for each query: databases limit the number of values in a query."""


class JournalEntry(SQLModel, table=True):
    """One thing that happened to one account."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_account", "account_id", "entry_id"),
        Index("ix_journal_kind", "kind", "at", "account_id"),
        Index(
            "ix_journal_unpublished",
            "entry_id",
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    entry_id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    account_id: str = Field(foreign_key="account.account_id")
    version: int
    kind: str
    actor: str
    at: datetime = Field(sa_type=Instant)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    traceparent: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)


def append(
    session: Session,
    account_id: str,
    kind: EventKind,
    detail: Detail | None = None,
    /,
    *,
    at: datetime,
    actor: Actor,
    **further: DetailValue,
) -> int:
    """Write one entry and raise the account's facts version; returns that version.

    `detail` holds the fields of kinds that are counted or timed; `further` holds fields that are only displayed: ids,
    counts and enums, never a phone number, an address or a code. An entry that the journey made itself, or that no
    journey decides by, is published from the start: no journey has to be told of it.
    """
    at = not_ahead(session, at)
    session.flush()  # the next line bypasses the ORM, which must not overwrite the new version with an older one
    version = accounts.raise_version(session, account_id, progress_at=at if is_progress(kind) else None)
    fields = {**further, **(detail.stored() if detail else {})}
    is_published = actor is Actor.JOURNEY or not concerns_journey(kind)
    entry = {
        "account_id": account_id,
        "version": version,
        "kind": kind,
        "actor": actor,
        "at": at,
        "detail": fields,
        "traceparent": TRACEPARENT.get(),
        "published_at": at if is_published else None,
    }
    # The same statement says whether anybody has subscribed: a question of its own would cost all who have not.
    added = (
        insert(JournalEntry)
        .values(entry)
        .returning(col(JournalEntry.entry_id), subscriptions.is_any_current())
    )
    entry_id, has_listeners = session.execute(added).one()
    if has_listeners:
        deliveries.add(session, [_outgoing(entry_id, kind, entry)], at=at)
    failed_ceremonies.follow(session, account_id, kind, fields, at=at)
    if not is_published:
        wake_relay(session)
    return version


@dataclass(frozen=True, kw_only=True)
class Raised:
    """An account whose facts version the caller has raised itself, in the transaction that made or locked its row."""

    account_id: str
    version: int
    detail: dict[str, Any] = field(default_factory=dict)


def append_many(
    session: Session, kind: EventKind, raised: Sequence[Raised], *, at: datetime, is_published: bool = False
) -> None:
    """Write one entry for each of many accounts, by the host. `is_published`: their journeys know already."""
    at = not_ahead(session, at)
    is_published = is_published or not concerns_journey(kind)
    if not is_published:
        wake_relay(session)
    entries = [
        {
            "account_id": account.account_id,
            "version": account.version,
            "kind": kind,
            "actor": Actor.HOST,
            "at": at,
            "detail": account.detail,
            "published_at": at if is_published else None,
        }
        for account in raised
    ]
    if not subscriptions.current_once(session):
        session.execute(insert(JournalEntry), entries)
        return
    in_order = insert(JournalEntry).returning(col(JournalEntry.entry_id), sort_by_parameter_order=True)
    entry_ids = session.execute(in_order, entries).scalars()
    outgoing = [_outgoing(entry_id, kind, entry) for entry_id, entry in zip(entry_ids, entries, strict=True)]
    deliveries.add(session, outgoing, at=at)


def _outgoing(entry_id: int, kind: EventKind, entry: Mapping[str, Any]) -> OutgoingEntry:
    return OutgoingEntry(entry_id=entry_id, account_id=entry["account_id"], kind=kind, detail=entry["detail"])


def is_any_later(session: Session, account_id: str, kind: EventKind, *, than: int) -> bool:
    """Whether the account has an entry of a kind that was written after another entry."""
    later = select(JournalEntry.entry_id).where(
        JournalEntry.account_id == account_id, JournalEntry.kind == kind, col(JournalEntry.entry_id) > than
    )
    return session.exec(later.limit(1)).first() is not None


def of_account(session: Session, account_id: str, *, limit: int = 200) -> Sequence[JournalEntry]:
    """The account's latest entries, oldest first."""
    query = select(JournalEntry).where(JournalEntry.account_id == account_id)
    newest_first = session.exec(query.order_by(col(JournalEntry.entry_id).desc()).limit(limit)).all()
    return list(reversed(newest_first))


def counts(session: Session, account_ids: Sequence[str]) -> dict[str, Counter[tuple[str, str]]]:
    """The number of entries of each of several accounts, by account id, then by kind and actor."""
    happened: dict[str, Counter[tuple[str, str]]] = {account_id: Counter() for account_id in account_ids}
    columns = (JournalEntry.account_id, JournalEntry.kind, JournalEntry.actor)
    for start in range(0, len(account_ids), _AT_ONCE):
        portion = account_ids[start : start + _AT_ONCE]
        query = select(*columns, func.count()).where(col(JournalEntry.account_id).in_(portion))
        for account_id, kind, actor, times in session.exec(query.group_by(*columns)):
            happened[account_id][kind, actor] = times
    return happened


def claim_unpublished(session: Session, *, now: datetime, limit: int) -> list[str]:
    """Claim entries that journeys have not been told of; returns their accounts, the longest-waiting first.

    `limit` is a number of entries. A claim is for one relay; it lapses after CLAIM_LIFETIME, should that relay die.
    """
    unclaimed_ids = (
        select(col(JournalEntry.entry_id))
        .where(
            col(JournalEntry.published_at).is_(None),
            or_(col(JournalEntry.claimed_until).is_(None), col(JournalEntry.claimed_until) <= now),
        )
        .order_by(col(JournalEntry.entry_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claim = update(JournalEntry).where(col(JournalEntry.entry_id).in_(unclaimed_ids.scalar_subquery()))
    claimed = session.execute(
        claim.values(claimed_until=now + CLAIM_LIFETIME).returning(
            col(JournalEntry.account_id), col(JournalEntry.entry_id)
        )
    )
    in_order = sorted(claimed.all(), key=lambda row: row[1])
    return list(dict.fromkeys(account_id for account_id, _ in in_order))


def release_claim(session: Session, account_id: str) -> None:
    """Give a claim back at once, because the journey could not be told."""
    session.execute(
        update(JournalEntry)
        .where(col(JournalEntry.account_id) == account_id, col(JournalEntry.published_at).is_(None))
        .values(claimed_until=None)
    )


def mark_published(session: Session, account_id: str, *, up_to_version: int, at: datetime) -> None:
    """Note that the journey has been told all entries up to a version."""
    session.execute(
        update(JournalEntry)
        .where(
            col(JournalEntry.account_id) == account_id,
            col(JournalEntry.published_at).is_(None),
            col(JournalEntry.version) <= up_to_version,
        )
        .values(published_at=at)
    )


def traceparent(session: Session, account_id: str) -> str | None:
    """The trace of the latest entry that an account's journey has not been told of; None if no such entry has one."""
    query = select(JournalEntry.traceparent).where(
        JournalEntry.account_id == account_id,
        col(JournalEntry.published_at).is_(None),
        col(JournalEntry.traceparent).is_not(None),
    )
    return session.exec(query.order_by(col(JournalEntry.entry_id).desc()).limit(1)).first()


def newest_id(session: Session) -> int:
    """The number of the newest entry; 0 before the first one."""
    return session.exec(select(func.max(JournalEntry.entry_id))).one() or 0


def latest_at(session: Session) -> datetime | None:
    """When the newest entry was made; None if there is none."""
    return session.exec(select(JournalEntry.at).order_by(col(JournalEntry.entry_id).desc()).limit(1)).first()


def oldest_unpublished(session: Session) -> datetime | None:
    """Since when the longest-waiting entry waits: the relay's lag."""
    return session.exec(
        select(func.min(JournalEntry.at)).where(col(JournalEntry.published_at).is_(None))
    ).one()
