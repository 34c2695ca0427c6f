"""Takes over accounts as a host tells of them, many at a time; telling the same again changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, insert, select, update
from uuid_utils.compat import uuid7

from domain.facts import SmsState
from domain.journal import EventKind
from store.people import journal
from store.people.accounts import Account
from store.people.journal import Raised


@dataclass(frozen=True, kw_only=True)
class ImportedAccount:
    """What a host tells of one account; contacts are checked and in their canonical form. None: not told.

    `phone_country` and `phone_zone` are what the phone number says of the country and the time zone; they count where
    the host does not tell one.
    """

    external_id: str
    phone: str
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
    """What an import came to; `unverified` are accounts whose verified e-mail address was replaced."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unverified: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Imported") -> "Imported":
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.unverified += other.unverified
        return self


def take(session: Session, told: Sequence[ImportedAccount], *, at: datetime) -> Imported:
    """Create the accounts that are new, and change those of which something else is told than before.

    What is not told stays as it is. External ids must not repeat within `told`.
    """
    known = _known(session, [account.external_id for account in told])
    new = [account for account in told if account.external_id not in known]
    renewals = [_renewal(known[one.external_id], one) for one in told if one.external_id in known]
    changed = [renewal for renewal in renewals if renewal.is_news]
    _create(session, new, at=at)
    _change(session, [renewal for renewal in renewals if renewal.changes], at=at)
    return Imported(
        new=len(new),
        changed=len(changed),
        unchanged=len(renewals) - len(changed),
        unverified=[renewal.row["external_id"] for renewal in changed if renewal.unverified],
    )


def _known(session: Session, external_ids: list[str]) -> dict[str, dict[str, Any]]:
    query = select(*SQLModel.metadata.tables["account"].columns).where(
        col(Account.external_id).in_(external_ids)
    )
    rows = session.execute(query.with_for_update()).mappings()
    return {row["external_id"]: dict(row) for row in rows}


def _create(session: Session, new: Sequence[ImportedAccount], *, at: datetime) -> None:
    if not new:
        return
    rows = [_row(account, at=at) for account in new]
    session.execute(insert(Account), rows)
    entries = [Raised(account_id=row["account_id"], version=1) for row in rows]
    journal.append_many(session, EventKind.ACCOUNT_IMPORTED, entries, at=at)


def _row(account: ImportedAccount, *, at: datetime) -> dict[str, Any]:
    told = asdict(account)
    phone_country = told.pop("phone_country")
    return told | {
        "account_id": str(uuid7()),
        "host_email": account.email,
        "country": account.country or phone_country,
        "locale": account.locale or "en",
        "attributes": account.attributes or {},
        "created_at": at,
        "skips_used": 0,
        "sms": SmsState.ON,
        "facts_version": 1,
    }


@dataclass(frozen=True, kw_only=True)
class _Renewal:
    """One known account and what is told anew of it."""

    row: dict[str, Any]
    changes: dict[str, Any]

    @property
    def is_news(self) -> bool:
        """Whether anything changes in the account; what the host's own record says is not a part of it."""
        return bool(self.changes.keys() - {"host_email"})

    @property
    def fields(self) -> list[str]:
        """The names of what changes and goes into the journal.

        Hosts tell the last sign-in of everybody night by night. No journey decides by it, so none is woken.
        """
        return sorted(self.changes.keys() - {"host_email", "last_sign_in_at"})

    @property
    def version(self) -> int:
        return int(self.row["facts_version"]) + (1 if self.fields else 0)

    @property
    def unverified(self) -> bool:
        return "email" in self.changes and self.row["email_verified_at"] is not None


def _renewal(row: dict[str, Any], account: ImportedAccount) -> _Renewal:
    told = {name: value for name, value in asdict(account).items() if value is not None}
    told |= _country(row, told.pop("phone_country", None), told)
    email = told.pop("email", None)
    if told["phone"] != row["phone"]:
        told["phone_zone"] = (
            account.phone_zone
        )  # a number of which nobody can say it has not the former one's
    if row["sms"] == SmsState.REMOVED:
        del told["phone"]  # what was forgotten at the end of a journey stays forgotten
        told.pop("phone_zone", None)
    if email is not None and email != row["host_email"]:
        # An address that the person has corrected since is replaced only by news from the host.
        told |= {"email": email, "host_email": email}
    if _has_been_here_since(row, told.get("last_sign_in_at")):
        del told["last_sign_in_at"]
    return _Renewal(row=row, changes={name: value for name, value in told.items() if value != row[name]})


def _country(row: dict[str, Any], phone_country: str | None, told: dict[str, Any]) -> dict[str, Any]:
    """The country that a phone number tells of, if the host tells none and the number is news."""
    is_news = row["country"] is None or (told["phone"] != row["phone"] and row["sms"] != SmsState.REMOVED)
    return {"country": phone_country} if phone_country and is_news and "country" not in told else {}


def _has_been_here_since(row: dict[str, Any], told: datetime | None) -> bool:
    known: datetime | None = row["last_sign_in_at"]
    return told is not None and known is not None and told < known


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
    return columns | ({"email_verified_at": None} if renewal.unverified else {})
