"""Passkeys: every authenticator ever bound to an account stays on record, removed ones too."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, LargeBinary, func, or_, text
from sqlmodel import Field, Session, SQLModel, col, select
from uuid_utils.compat import uuid7

from domain.errors import CeremonyRejected, Unknown
from domain.passkeys import Assertion
from domain.trust import Assurance, Way
from store.engine.database import add_new
from store.engine.types import Instant
from store.engine.upserts import insert
from store.people.trust import TrustColumns, is_established


def _index_of_doubtful_removals() -> Index:
    """An index of the few passkeys that sessions of less than full assurance have removed."""
    is_doubtful = text("removed_as <> 'high'")
    return Index(
        "ix_passkey_removed_as", "removed_at", sqlite_where=is_doubtful, postgresql_where=is_doubtful
    )


def _index_of_way(way: Way) -> Index:
    """An index of the passkeys that become established in an uncommon way, by the age of their roots."""
    is_way = text(f"way = '{way}'")
    name = f"ix_passkey_{way}"
    return Index(name, "rooted_at", "account_id", sqlite_where=is_way, postgresql_where=is_way)


class Passkey(TrustColumns, table=True):
    """One credential of one account.

    NIST SP 800-63B-4, 4.1 asks for a record of every authenticator ever bound. A passkey is frozen when the owner says
    that they did not bind it, when they have lost it (`is_lost`), or when it behaves like a copy of itself
    (`suspicion`); it opens nothing until it is taken off hold. A lowered passkey signs in and changes nothing: a
    dispute is about it, and it is a way in that its owner may need. `removed_in` is the session that removed it, with
    the assurance `removed_as`, or said that it was lost. `host_id` is the host's own name of a passkey that lives with
    the host; of such a one no key is on record.
    """

    __table_args__ = (
        Index("ix_passkey_established", "established_from", "account_id"),
        _index_of_doubtful_removals(),
        _index_of_way(Way.CONFIRMATION),
        _index_of_way(Way.SIM_WINDOW),
        Index("ix_passkey_host_id", "account_id", "host_id", unique=True),
    )

    passkey_id: str = Field(primary_key=True, default_factory=lambda: str(uuid7()))
    credential_id: str = Field(unique=True)
    account_id: str = Field(foreign_key="account.account_id", index=True)
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int
    aaguid: str
    transports: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    backup_eligible: bool
    backed_up: bool
    name: str
    platform: str
    bound_at: datetime = Field(sa_type=Instant)
    bound_by: str
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    removed_in: str | None = None
    removed_as: str | None = None
    frozen_at: datetime | None = Field(default=None, sa_type=Instant)
    is_lost: bool = False
    lowered_at: datetime | None = Field(default=None, sa_type=Instant)
    suspicion: str | None = None
    host_id: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the passkey opens its account."""
        return self.removed_at is None and self.frozen_at is None


class PasskeyDay(SQLModel, table=True):
    """A passkey signed in on this day, by the person's own calendar."""

    __tablename__ = "passkey_day"

    passkey_id: str = Field(primary_key=True, foreign_key="passkey.passkey_id")
    day: date = Field(primary_key=True)


def active(session: Session, account_id: str) -> Sequence[Passkey]:
    """The account's passkeys that are neither removed nor on hold, oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id, *is_active())
    return session.exec(query.order_by(col(Passkey.bound_at), col(Passkey.passkey_id))).all()


def newest(session: Session, account_id: str) -> Passkey | None:
    """The newest passkey of the account that is neither removed nor on hold; None if it has none."""
    query = select(Passkey).where(Passkey.account_id == account_id, *is_active())
    return session.exec(query.order_by(col(Passkey.bound_at).desc()).limit(1)).first()


def kept(session: Session, account_id: str) -> Sequence[Passkey]:
    """The account's passkeys that are not removed, passkeys on hold too, oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id, col(Passkey.removed_at).is_(None))
    return session.exec(query.order_by(col(Passkey.bound_at), col(Passkey.passkey_id))).all()


def active_of(session: Session, account_ids: Sequence[str]) -> dict[str, list[Passkey]]:
    """The active passkeys of several accounts, oldest first, by account id; accounts without any are missing."""
    query = select(Passkey).where(col(Passkey.account_id).in_(account_ids), *is_active())
    by_account: dict[str, list[Passkey]] = defaultdict(list)
    for passkey in session.exec(query.order_by(col(Passkey.bound_at), col(Passkey.passkey_id))):
        by_account[passkey.account_id].append(passkey)
    return by_account


def ever_bound(session: Session, account_id: str) -> Sequence[Passkey]:
    """All the account's passkeys, removed ones too, oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id)
    return session.exec(query.order_by(col(Passkey.bound_at), col(Passkey.passkey_id))).all()


def by_credential(session: Session, credential_id: str) -> Passkey | None:
    """The passkey of a credential id, if it is not removed. It may be on hold: a sign-in has to check that."""
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    passkey = session.exec(query).first()
    return passkey if passkey and passkey.removed_at is None else None


def on_record(session: Session, credential_id: str) -> bool:
    """Whether any account ever had a passkey of this credential id, removed or not."""
    query = select(Passkey.passkey_id).where(Passkey.credential_id == credential_id)
    return session.exec(query).first() is not None


def get(session: Session, account_id: str, passkey_id: str) -> Passkey:
    """An active passkey of this account; raises Unknown."""
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account_id or not passkey.is_active:
        raise Unknown(f"no passkey {passkey_id} in this account")
    return passkey


def get_removable(session: Session, account_id: str, passkey_id: str) -> Passkey:
    """A passkey of this account that its owner may remove: active, or held for how it behaved; raises Unknown."""
    passkey = find_kept(session, account_id, passkey_id)
    if passkey is None or not (passkey.is_active or passkey.suspicion):
        raise Unknown(f"no passkey {passkey_id} in this account")
    return passkey


def find_kept(session: Session, account_id: str, passkey_id: str | None) -> Passkey | None:
    """A passkey of this account that is not removed; it may be on hold."""
    passkey = session.get(Passkey, passkey_id) if passkey_id else None
    is_kept = passkey and passkey.account_id == account_id and not passkey.removed_at
    return passkey if is_kept else None


def look_up(session: Session, passkey_id: str) -> Passkey | None:
    """A passkey by its id, even if it is removed."""
    return session.get(Passkey, passkey_id)


def is_usable(session: Session, passkey_id: str) -> bool:
    """Whether a passkey opens its account."""
    passkey = session.get(Passkey, passkey_id)
    return passkey is not None and passkey.is_active


def is_any_proven(session: Session, account_id: str) -> bool:
    """Whether any passkey that has signed in opens the account. It costs the same for an id of nobody."""
    query = select(Passkey.passkey_id).where(
        Passkey.account_id == account_id, col(Passkey.last_used_at).is_not(None), *is_active()
    )
    return session.exec(query.limit(1)).first() is not None


def is_any_of_use(session: Session, account_id: str, *, now: datetime) -> bool:
    """Whether any passkey that is not removed has ever signed in, is established, or is on hold."""
    query = select(Passkey.passkey_id).where(
        Passkey.account_id == account_id,
        col(Passkey.removed_at).is_(None),
        or_(
            col(Passkey.last_used_at).is_not(None),
            col(Passkey.frozen_at).is_not(None),
            is_established(Passkey, now),
        ),
    )
    return session.exec(query.limit(1)).first() is not None


def add(session: Session, passkey: Passkey) -> None:
    """Bind a new passkey. Raises CeremonyRejected when another transaction has just bound the same credential."""
    add_new(session, passkey, refusal=CeremonyRejected("already_bound"))


def rename(session: Session, passkey: Passkey, name: str) -> None:
    """Give a passkey the name by which its owner knows it."""
    passkey.name = name
    session.add(passkey)
    session.flush()


def remove(
    session: Session,
    passkey: Passkey,
    *,
    at: datetime,
    removed_in: str | None = None,
    removed_as: Assurance | None = None,
) -> None:
    """Take a passkey out of use. It stays on record."""
    passkey.removed_at, passkey.removed_in, passkey.removed_as = at, removed_in, removed_as
    _keep(session, passkey)


def bring_back(session: Session, passkey: Passkey) -> None:
    """Put a passkey into use again that was removed, or put on hold as lost."""
    passkey.removed_at = passkey.removed_in = passkey.removed_as = None
    if passkey.is_lost:
        passkey.frozen_at, passkey.is_lost = None, False
    _keep(session, passkey)


def establish(session: Session, passkey: Passkey, *, from_: datetime | None, way: Way) -> None:
    """Note from when a passkey is established; None if that is not known."""
    passkey.established_from, passkey.way = from_, way
    _keep(session, passkey)


def guards(session: Session, account_id: str, *, now: datetime) -> bool:
    """Whether the account has an established passkey, on hold or not: then weaker sessions change little."""
    query = select(Passkey.passkey_id).where(
        Passkey.account_id == account_id, col(Passkey.removed_at).is_(None), is_established(Passkey, now)
    )
    return session.exec(query.limit(1)).first() is not None


def has_less_trusted(session: Session, account_id: str, *, now: datetime) -> bool:
    """Whether a passkey of the account signs in and changes nothing: it is provisional, or lowered by a dispute."""
    return any(
        passkey.lowered_at or passkey.established_from is None or passkey.established_from > now
        for passkey in active(session, account_id)
    )


def note_state(session: Session, passkey: Passkey, assertion: Assertion) -> bool:
    """Keep what the authenticator last reported; returns whether the passkey is synced now and was not, or the reverse.

    The highest signature counter is kept. So is the right to be synced: it is never lost (WebAuthn Level 3, 6.1.3).
    """
    is_changed = passkey.backed_up != assertion.backed_up
    passkey.sign_count = max(passkey.sign_count, assertion.sign_count)
    passkey.backup_eligible = passkey.backup_eligible or assertion.backup_eligible
    passkey.backed_up = assertion.backed_up
    session.add(passkey)
    session.flush()
    return is_changed


def note_use(session: Session, passkey: Passkey, *, at: datetime, day: date) -> None:
    """Record a sign-in, and its day."""
    passkey.last_used_at = at
    session.add(passkey)
    session.flush()
    today = insert(session, PasskeyDay).values(passkey_id=passkey.passkey_id, day=day)
    session.execute(today.on_conflict_do_nothing(index_elements=["passkey_id", "day"]))


def days_used_by(session: Session, account_ids: Sequence[str]) -> dict[str, int]:
    """On how many days any active passkey signed in, by account id; accounts where none did are missing."""
    query = (
        select(Passkey.account_id, func.count(func.distinct(col(PasskeyDay.day))))
        .join(PasskeyDay, col(PasskeyDay.passkey_id) == Passkey.passkey_id)
        .where(col(Passkey.account_id).in_(account_ids), *is_active())
        .group_by(col(Passkey.account_id))
    )
    return dict(session.exec(query).all())


def days_used(session: Session, account_id: str) -> set[date]:
    """The days on which any active passkey of the account signed in."""
    query = (
        select(col(PasskeyDay.day))
        .join(Passkey, col(Passkey.passkey_id) == PasskeyDay.passkey_id)
        .where(Passkey.account_id == account_id, *is_active())
    )
    return set(session.exec(query).all())


def bound_in(session: Session, account_id: str, session_id: str) -> Sequence[Passkey]:
    """The passkeys that a session bound, removed ones too."""
    query = select(Passkey).where(Passkey.account_id == account_id, Passkey.bound_in == session_id)
    return session.exec(query).all()


def removed_in(session: Session, account_id: str, session_id: str) -> Sequence[Passkey]:
    """The passkeys that a session removed."""
    query = select(Passkey).where(Passkey.account_id == account_id, Passkey.removed_in == session_id)
    return session.exec(query).all()


def is_active(passkey: Any = Passkey) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a passkey opens its account; `passkey` is the table or an alias of it."""
    return col(passkey.removed_at).is_(None), col(passkey.frozen_at).is_(None)


def _keep(session: Session, passkey: Passkey) -> None:
    session.add(passkey)
    session.flush()
