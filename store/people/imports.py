"""Imports accounts from a host, many at a time; importing the same again changes nothing."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, insert, select, update
from uuid_utils.compat import uuid7

from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.safety.contact_keys import contact_key, email_key
from domain.trust import Trust
from store.people import host_bindings, journal, sharing
from store.people.accounts import Account, is_deleted
from store.people.host_bindings import HostBinding
from store.people.journal import Raised
from store.people.told_accounts import ImportedAccount, Renewal, renewal_of, verified

TURN = 0x6F66_6672_696D
"""The number that whoever tells of accounts locks for itself; who locks several accounts otherwise shares it."""


@dataclass(frozen=True, kw_only=True)
class ToldAnew:
    """An account that was there before, and the columns of it that the host has told, and changed by that."""

    account_id: str
    columns: Set[str]


@dataclass(kw_only=True)
class Imported:
    """What an import came to; `unverified` are external ids of accounts whose verified e-mail address was replaced.

    `bindings` are the new contacts of one batch, `told_anew` its changed accounts; they are not added up.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unverified: list[str] = field(default_factory=list)
    bindings: list[HostBinding] = field(default_factory=list, compare=False)
    told_anew: list[ToldAnew] = field(default_factory=list, compare=False)

    def __iadd__(self, addend: "Imported") -> "Imported":
        self.new += addend.new
        self.changed += addend.changed
        self.unchanged += addend.unchanged
        self.unverified += addend.unverified
        return self


def take(
    session: Session,
    imported: Sequence[ImportedAccount],
    *,
    at: datetime,
    bind: Callable[[Account], Trust] | None = None,
    is_locked: bool = False,
) -> Imported:
    """Create the new accounts, and change the accounts of which the host tells something else than before.

    `bind` says how far a contact is trusted that the host changes; without it the host vouches for it at once.

    What the host does not tell stays as it is. External ids must not repeat within `imported`. `is_locked`: all
    accounts are there, and the caller has locked them. To wait for an import then could make both wait for each other.
    """
    if not is_locked:
        take_turn(session)
    rows = _rows(session, [account.external_id for account in imported])
    new_accounts = [account for account in imported if account.external_id not in rows]
    told_phones = _told_phones(session, rows)
    renewals = [
        renewal_of(rows[account.external_id], account, told_phones)
        for account in imported
        if account.external_id in rows
    ]
    changes = [renewal for renewal in renewals if renewal.is_news]
    new_rows = _create(session, new_accounts, at=at)
    bindings = _bind(session, changes, bind or host_bindings.vouches(at))
    _change(session, [renewal for renewal in renewals if renewal.changes or renewal.is_verified], at=at)
    _tell_sharers(session, new_rows, changes, at=at)
    return Imported(
        new=len(new_accounts),
        changed=len(changes),
        unchanged=len(renewals) - len(changes),
        unverified=[renewal.row["external_id"] for renewal in changes if renewal.is_unverified_now],
        bindings=bindings,
        told_anew=_told_anew(imported, changes),
    )


def count_without_phone(session: Session) -> int:
    """How many accounts came without a phone number that can be used, and have none yet."""
    without = (col(Account.phone).is_(None), Account.sms == SmsState.ON, ~is_deleted())
    return session.exec(select(func.count()).select_from(Account).where(*without)).one()


def take_turn(session: Session) -> None:
    """Let no other import tell of accounts until this transaction ends (SQLite has one writer anyway).

    A new account has no row yet that could be locked, and two files may tell of the same ones in any order.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(TURN)))


def _told_phones(session: Session, rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    changed_ids = [row["account_id"] for row in rows.values() if row["contacts_changed_at"]]
    return host_bindings.told_phones(session, changed_ids) if changed_ids else {}


def _told_anew(imported: Sequence[ImportedAccount], renewals: Sequence[Renewal]) -> list[ToldAnew]:
    by_id = {account.external_id: account for account in imported}
    return [
        ToldAnew(
            account_id=renewal.row["account_id"],
            columns=renewal.changes.keys() & by_id[renewal.row["external_id"]].told_columns,
        )
        for renewal in renewals
    ]


def _bind(
    session: Session, renewals: Sequence[Renewal], bind: Callable[[Account], Trust]
) -> list[HostBinding]:
    return [
        binding
        for renewal in renewals
        for binding in host_bindings.keep(session, renewal.row["account_id"], renewal.changes, bind)
    ]


def _tell_sharers(
    session: Session, new_rows: Sequence[dict[str, Any]], renewals: Sequence[Renewal], *, at: datetime
) -> None:
    """Tell other accounts that have a number or address which this import has given somebody, or has taken away."""
    for channel, column in ((Channel.EMAIL, "email"), (Channel.SMS, "phone")):
        moved = [renewal for renewal in renewals if column in renewal.changes]
        given = _keys(row[column] for row in (*new_rows, *(renewal.changes for renewal in moved)))
        left = _keys(renewal.row[column] for renewal in moved) - given
        besides = [row["account_id"] for row in (*new_rows, *(renewal.row for renewal in moved))]
        for addresses, is_shared in ((given, True), (left, False)):
            sharing.tell_lone_sharers(
                session,
                channel,
                addresses,
                besides=besides,
                is_shared=is_shared,
                actor=Actor.HOST,
                at=at,
            )


def _keys(addresses: Iterable[str | None]) -> set[str]:
    return {contact_key(address) for address in addresses if address}


def _rows(session: Session, external_ids: list[str]) -> dict[str, dict[str, Any]]:
    query = select(*SQLModel.metadata.tables["account"].columns).where(
        col(Account.external_id).in_(external_ids)
    )
    rows = session.execute(query.with_for_update()).mappings()
    return {row["external_id"]: dict(row) for row in rows}


def _create(
    session: Session, new_accounts: Sequence[ImportedAccount], *, at: datetime
) -> list[dict[str, Any]]:
    if not new_accounts:
        return []
    rows = [_row(account, at=at) for account in new_accounts]
    session.execute(insert(Account), rows)
    entries = [Raised(account_id=row["account_id"], version=1, detail=_lacks(row)) for row in rows]
    journal.append_many(session, EventKind.ACCOUNT_IMPORTED, entries, at=at)
    verified_ids = [row["account_id"] for row in rows if row["email_verified_at"]]
    _tell_verified(session, [(account_id, 2) for account_id in verified_ids], at=at)
    return rows


def _row(account: ImportedAccount, *, at: datetime) -> dict[str, Any]:
    columns = account.columns
    phone_country = columns.pop("phone_country")
    is_verified = account.email is not None and account.host_verified_email is True
    progress = verified(at) if is_verified else dict.fromkeys(verified(at))
    return columns | {
        **progress,
        "account_id": str(uuid7()),
        "host_email": account.email,
        "email_key": email_key(account.email) if account.email else None,
        "country": account.country or phone_country,
        "locale": account.locale or "en",
        "attributes": account.attributes or {},
        "created_at": at,
        "skips_used": 0,
        "sms": SmsState.ON,
        "facts_version": 2 if is_verified else 1,
    }


def _lacks(row: dict[str, Any]) -> dict[str, Any]:
    """What tells an account that never had a usable number from one that has lost its number."""
    return {"lacks": Channel.SMS} if row["phone"] is None else {}


def _change(session: Session, renewals: Sequence[Renewal], *, at: datetime) -> None:
    if not renewals:
        return
    session.execute(update(Account), [renewal.columns(at=at) for renewal in renewals])
    entries = [
        Raised(
            account_id=renewal.row["account_id"],
            version=renewal.version,
            detail={"fields": renewal.fields}
            | ({"email_unverified": True} if renewal.is_unverified_now else {}),
        )
        for renewal in renewals
        if renewal.fields
    ]
    if entries:
        journal.append_many(session, EventKind.ACCOUNT_CHANGED, entries, at=at)
    verified_accounts = [
        (renewal.row["account_id"], renewal.version + 1) for renewal in renewals if renewal.is_verified
    ]
    _tell_verified(session, verified_accounts, at=at)


def _tell_verified(session: Session, versions: Sequence[tuple[str, int]], *, at: datetime) -> None:
    """Write down that the host has verified the addresses of accounts, by their ids and the versions they have now."""
    entries = [
        Raised(account_id=account_id, version=version, detail={"by": Actor.HOST})
        for account_id, version in versions
    ]
    if entries:
        journal.append_many(session, EventKind.EMAIL_VERIFIED, entries, at=at)
