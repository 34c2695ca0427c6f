"""What a host tells of one account, and what that changes in an account that is known already."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.facts import SmsState
from domain.inventory import OtherMethod, SmsMethod
from domain.safety.contact_keys import are_same, email_key
from store.people.accounts import ENDED_BY_PROGRESS

COUNTRIES = "sms_countries"
"""Under which name a session holds the countries whose numbers are texted, as its database was opened."""

_WITHOUT: Mapping[str, Any] = {"locale": "en", "attributes": {}}
"""What columns become whose values are taken away; every other one becomes None."""


@dataclass(frozen=True, kw_only=True)
class ImportedAccount:
    """What a host tells of one account; contacts are checked and in their canonical form. None means not told.

    A contact that cannot be used counts as not told: it takes no other one's place.

    `removed` names fields whose values the host takes away: they become what they are in an account of which only its
    id was told. Contacts are taken away elsewhere, because that needs more than a column.

    `phone_country` and `phone_zone` are the country and the time zone of the phone number; they count if the host tells
    no country or time zone.
    """

    external_id: str
    phone: str | None = None
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
    sms_method: SmsMethod | None = None
    other_methods: tuple[OtherMethod, ...] | None = None
    host_verified_email: bool | None = None
    host_verified_phone: bool | None = None
    removed: frozenset[str] = frozenset()

    @property
    def columns(self) -> dict[str, Any]:
        """What is told, by the columns of the account; None is not told."""
        fields = asdict(self)
        del fields["removed"]
        others = self.other_methods
        return fields | {"other_methods": None if others is None else sorted(set(others))}

    @property
    def told_columns(self) -> frozenset[str]:
        """The columns that are told."""
        return frozenset(name for name, value in self.columns.items() if value is not None)


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """The row of one account, and the columns that an import changes in it.

    `is_verified`: the host has verified the address that the account has from now on, which is news.
    """

    row: dict[str, Any]
    changes: dict[str, Any]
    is_verified: bool = False

    @property
    def is_news(self) -> bool:
        """Whether the account changes; a change of `host_email` alone does not count."""
        return self.is_verified or bool(self.changes.keys() - {"host_email"})

    @property
    def fields(self) -> list[str]:
        """The names of the changed fields that go into the journal.

        Hosts tell every person's last sign-in every night. No journey decides by it, so it wakes none.
        """
        return sorted(self.changes.keys() - {"host_email", "last_sign_in_at"})

    @property
    def version(self) -> int:
        """The version that the entry of the change gets; that of a verification is one more."""
        return int(self.row["facts_version"]) + (1 if self.fields else 0)

    @property
    def unverified(self) -> bool:
        """Whether an address goes that was verified."""
        return "email" in self.changes and self.row["email_verified_at"] is not None

    @property
    def is_unverified_now(self) -> bool:
        """Whether the person has to verify an address again."""
        return self.unverified and not self.is_verified

    def columns(self, *, at: datetime) -> dict[str, Any]:
        """What the account's row becomes."""
        columns = {"account_id": self.row["account_id"], "facts_version": self.version, **self.changes}
        if "email" in self.changes:
            columns |= {"email_key": email_key(self.changes["email"])}
        if self.unverified:
            columns |= {"email_verified_at": None}
        if self.is_verified:
            columns |= {"facts_version": self.version + 1, **verified(at)}
        return columns


def texted_countries(session: Session) -> frozenset[str]:
    """The countries (ISO 3166) whose numbers a host may tell; none means all."""
    countries: frozenset[str] = session.info.get(COUNTRIES, frozenset())
    return countries


def renewal_of(row: dict[str, Any], account: ImportedAccount, told_phones: dict[str, str]) -> Renewal:
    """What changes in an account's row. `told_phones` are the numbers that the host told last, by account id."""
    fields = {name: value for name, value in account.columns.items() if value is not None}
    fields |= {name: _WITHOUT.get(name) for name in account.removed}
    # The account may have another number since, or have forgotten it; only a new number from the host replaces it.
    is_news = account.phone is not None and told_phones.get(row["account_id"]) != account.phone
    if row["sms"] == SmsState.REMOVED or not is_news:
        fields["phone"] = row["phone"]
    fields |= _country(row, fields.pop("phone_country", None), fields)
    email = fields.pop("email", None)
    if fields["phone"] != row["phone"]:
        fields.setdefault("host_verified_phone", None)
        # If nobody can tell the new number's zone, it becomes None: the zone of the former number must not stay.
        fields["phone_zone"] = account.phone_zone
    elif fields["phone"] != account.phone:
        fields.pop("phone_zone", None)
    if email is not None:
        fields["host_email"] = email
        if not are_same(email, row["host_email"]):
            fields.setdefault("host_verified_email", None)
        # The person may have corrected the address since; only a new address from the host replaces it.
        # Another spelling is no new address, and the address on record keeps its own.
        if not are_same(email, row["host_email"]) and not are_same(email, row["email"]):
            fields["email"] = email
    if _has_been_here_since(row, fields.get("last_sign_in_at")):
        del fields["last_sign_in_at"]
    changes = {name: value for name, value in fields.items() if value != row[name]}
    return Renewal(row=row, changes=changes, is_verified=_verifies(row, account, changes))


def verified(at: datetime) -> dict[str, Any]:
    """The columns of an account whose address the host has verified: that is progress."""
    return {"email_verified_at": at, "progress_at": at, **dict.fromkeys(ENDED_BY_PROGRESS)}


def _verifies(row: dict[str, Any], account: ImportedAccount, changes: dict[str, Any]) -> bool:
    """Whether the host's word verifies the address that the account has from now on.

    It never does so for an address that the person has changed since; and the same word, told again, says nothing new.
    """
    if not account.host_verified_email:
        return False
    address, present = account.email or row["host_email"], changes.get("email", row["email"])
    if present is None or not are_same(address, present):
        return False
    is_said_before = row["host_verified_email"] and are_same(address, row["host_email"])
    return not is_said_before and (row["email_verified_at"] is None or "email" in changes)


def _country(row: dict[str, Any], phone_country: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    """The phone number's country, if the host tells none, and the number is new or no country is on record."""
    is_news = row["country"] is None or fields["phone"] != row["phone"]
    return {"country": phone_country} if phone_country and is_news and "country" not in fields else {}


def _has_been_here_since(row: dict[str, Any], told_at: datetime | None) -> bool:
    last_sign_in_at: datetime | None = row["last_sign_in_at"]
    return told_at is not None and last_sign_in_at is not None and told_at < last_sign_in_at
