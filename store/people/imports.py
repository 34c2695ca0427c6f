"""Imports accounts from a host, many at a time; importing the same again changes nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, insert, select, update
from uuid_utils.compat import uuid7

from domain.contact_keys import are_same, contact_key, email_key
from domain.facts import Channel, SmsState
from domain.journal import Actor, EventKind
from domain.trust import Trust
from store.people import host_bindings, journal, sharing
from store.people.accounts import Account
from store.people.host_bindings import HostBinding
from store.people.journal import Raised

_IMPORTING = 0x6F66_6672_696D
"""A number that only imports lock."""


@dataclass(frozen=True, kw_only=True)
class ImportedAccount:
    """What a host tells of one account; contacts are checked and in their canonical form. None means not told.

    A contact that cannot be used counts as not told: it takes no other one's place.

    `phone_country` and `phone_zone` are the country and the time zone of the phone number; they count if the host tells
    no country or time zone.
    """

    external_id: str
    phone: str | None
    email: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    country: str | None = None
    phone_country: str | None = None
    phone_zone: str | None = None
    risk_tier: str | None = None
    last_sign_in_at: datetime | None = None
    attributes: dict[str, Any] | None = None
    sim_checked_at: datetime | None = None
    sim_changed_at: datetime | None = None


@dataclass(kw_only=True)
class Imported:
    """What an import came to; `unverified` are external ids of accounts whose verified e-mail address was replaced.

    `bindings` are the new contacts of one batch; they are not added up.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unverified: list[str] = field(default_factory=list)
    bindings: list[HostBinding] = field(default_factory=list, compare=False)

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
) -> Imported:
    """Create the new accounts, and change the accounts of which the host tells something else than before.

    `bind` says how far a contact is trusted that the host changes; without it the host vouches for it at once.

    What the host does not tell stays as it is. External ids must not repeat within `imported`.
    """
    _take_turn(session)
    rows = _rows(session, [account.external_id for account in imported])
    new_accounts = [account for account in imported if account.external_id not in rows]
    told_phones = _told_phones(session, rows)
    renewals = [
        _renewal(rows[account.external_id], account, told_phones)
        for account in imported
        if account.external_id in rows
    ]
    changes = [renewal for renewal in renewals if renewal.is_news]
    new_rows = _create(session, new_accounts, at=at)
    bindings = _bind(session, changes, bind or host_bindings.vouches(at))
    _change(session, [renewal for renewal in renewals if renewal.changes], at=at)
    _tell_sharers(session, new_rows, changes, at=at)
    return Imported(
        new=len(new_accounts),
        changed=len(changes),
        unchanged=len(renewals) - len(changes),
        unverified=[renewal.row["external_id"] for renewal in changes if renewal.unverified],
        bindings=bindings,
    )


def count_without_phone(session: Session) -> int:
    """How many accounts came without a phone number that can be used, and have none yet."""
    without = (col(Account.phone).is_(None), Account.sms == SmsState.ON)
    return session.exec(select(func.count()).select_from(Account).where(*without)).one()


def _take_turn(session: Session) -> None:
    """Let no other import tell of accounts until this transaction ends (SQLite has one writer anyway).

    A new account has no row yet that could be locked, and two files may tell of the same ones in any order.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_IMPORTING)))


def _told_phones(session: Session, rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    changed_ids = [row["account_id"] for row in rows.values() if row["contacts_changed_at"]]
    return host_bindings.told_phones(session, changed_ids) if changed_ids else {}


def _bind(
    session: Session, renewals: Sequence["_Renewal"], bind: Callable[[Account], Trust]
) -> list[HostBinding]:
    return [
        binding
        for renewal in renewals
        for binding in host_bindings.keep(session, renewal.row["account_id"], renewal.changes, bind)
    ]


def _tell_sharers(
    session: Session, new_rows: Sequence[dict[str, Any]], renewals: Sequence["_Renewal"], *, at: datetime
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
    return rows


def _row(account: ImportedAccount, *, at: datetime) -> dict[str, Any]:
    fields = asdict(account)
    phone_country = fields.pop("phone_country")
    return fields | {
        "account_id": str(uuid7()),
        "host_email": account.email,
        "email_key": email_key(account.email) if account.email else None,
        "country": account.country or phone_country,
        "locale": account.locale or "en",
        "attributes": account.attributes or {},
        "created_at": at,
        "skips_used": 0,
        "sms": SmsState.ON,
        "facts_version": 1,
    }


def _lacks(row: dict[str, Any]) -> dict[str, Any]:
    """What tells an account that never had a usable number from one that has lost its number."""
    return {"lacks": Channel.SMS} if row["phone"] is None else {}


@dataclass(frozen=True, kw_only=True)
class _Renewal:
    """The row of one account, and the columns that an import changes in it."""

    row: dict[str, Any]
    changes: dict[str, Any]

    @property
    def is_news(self) -> bool:
        """Whether the account changes; a change of `host_email` alone does not count."""
        return bool(self.changes.keys() - {"host_email"})

    @property
    def fields(self) -> list[str]:
        """The names of the changed fields that go into the journal.

        Hosts tell every person's last sign-in every night. No journey decides by it, so it wakes none.
        """
        return sorted(self.changes.keys() - {"host_email", "last_sign_in_at"})

    @property
    def version(self) -> int:
        return int(self.row["facts_version"]) + (1 if self.fields else 0)

    @property
    def unverified(self) -> bool:
        return "email" in self.changes and self.row["email_verified_at"] is not None


def _renewal(row: dict[str, Any], account: ImportedAccount, told_phones: dict[str, str]) -> _Renewal:
    fields = {name: value for name, value in asdict(account).items() if value is not None}
    # The account may have another number since, or have forgotten it; only a new number from the host replaces it.
    is_news = account.phone is not None and told_phones.get(row["account_id"]) != account.phone
    if row["sms"] == SmsState.REMOVED or not is_news:
        fields["phone"] = row["phone"]
    fields |= _country(row, fields.pop("phone_country", None), fields)
    email = fields.pop("email", None)
    if fields["phone"] != row["phone"]:
        # If nobody can tell the new number's zone, it becomes None: the zone of the former number must not stay.
        fields["phone_zone"] = account.phone_zone
    elif fields["phone"] != account.phone:
        fields.pop("phone_zone", None)
    if email is not None:
        fields["host_email"] = email
        # The person may have corrected the address since; only a new address from the host replaces it.
        # Another spelling is no new address, and the address on record keeps its own.
        if not are_same(email, row["host_email"]) and not are_same(email, row["email"]):
            fields["email"] = email
    if _has_been_here_since(row, fields.get("last_sign_in_at")):
        del fields["last_sign_in_at"]
    return _Renewal(row=row, changes={name: value for name, value in fields.items() if value != row[name]})


def _country(row: dict[str, Any], phone_country: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    """The phone number's country, if the host tells none, and the number is new or no country is on record."""
    is_news = row["country"] is None or fields["phone"] != row["phone"]
    return {"country": phone_country} if phone_country and is_news and "country" not in fields else {}


def _has_been_here_since(row: dict[str, Any], told_at: datetime | None) -> bool:
    last_sign_in_at: datetime | None = row["last_sign_in_at"]
    return told_at is not None and last_sign_in_at is not None and told_at < last_sign_in_at


def _change(session: Session, renewals: Sequence[_Renewal], *, at: datetime) -> None:
    if not renewals:
        return
    session.execute(update(Account), [_changed_columns(renewal) for renewal in renewals])
    entries = [
        Raised(
            account_id=renewal.row["account_id"],
            version=renewal.version,
            detail={"fields": renewal.fields} | ({"email_unverified": True} if renewal.unverified else {}),
        )
        for renewal in renewals
        if renewal.fields
    ]
    if entries:
        journal.append_many(session, EventKind.ACCOUNT_CHANGED, entries, at=at)


def _changed_columns(renewal: _Renewal) -> dict[str, Any]:
    columns = {
        "account_id": renewal.row["account_id"],
        "facts_version": renewal.version,
        **renewal.changes,
    }
    if "email" in renewal.changes:
        columns |= {"email_key": email_key(renewal.changes["email"])}
    return columns | ({"email_verified_at": None} if renewal.unverified else {})
