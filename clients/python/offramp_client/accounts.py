"""The accounts of the host: what it tells of them, and where Offramp says each stands."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import quote

import httpx

from offramp_client.calls import Call, as_json
from offramp_client.moments import read_moment, written

MERGE_PATCH = "application/merge-patch+json"


class SmsUse(StrEnum):
    """What text-message codes are to an account at the host."""

    ONLY = "only"
    DEFAULT = "default"
    ONE_OF_SEVERAL = "one_of_several"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """An e-mail address or a phone number, and whether the host itself has verified it."""

    value: str
    verified: bool = False


@dataclass(frozen=True, kw_only=True)
class Methods:
    """How an account signs in at the host. `others`: password, totp, passkey, email_code, other."""

    sms: SmsUse
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AccountFields:
    """What a host tells of an account. A field that is None is not told."""

    email: Contact | None = None
    phone: Contact | None = None
    locale: str | None = None
    time_zone: str | None = None
    country: str | None = None
    risk_tier: str | None = None
    last_sign_in_at: datetime | None = None
    attributes: Mapping[str, Any] | None = None
    methods: Methods | None = None
    sim_checked_at: datetime | None = None
    sim_changed_at: datetime | None = None

    def body(self) -> dict[str, Any]:
        """The fields that are told, as JSON."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: _written(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class AskedChange:
    """What the host was asked to do with SMS and has not answered yet."""

    change: str
    at: datetime | None
    deadline: datetime | None


@dataclass(frozen=True, kw_only=True)
class SmsStanding:
    """How far SMS is switched off: `on`, `notice`, `suspended` or `removed`, and since when."""

    state: str
    since: datetime | None = None
    asked: AskedChange | None = None


@dataclass(frozen=True, kw_only=True)
class NextAct:
    """What happens next if nobody does anything, in words; `act` is None if the journey waits, or if there is none."""

    act: str | None
    at: datetime | None
    words: str


@dataclass(frozen=True, kw_only=True)
class AccountStanding:
    """Where an account stands; contacts are masked. `raw` is the whole answer, with what this client does not know yet.

    `journey` is `none`, `under_way`, or how it ended, like `migrated`.
    """

    external_id: str
    account_id: str
    email: Contact | None
    phone: Contact | None
    journey: str
    milestones: Mapping[str, bool]
    next_act: NextAct
    sms: SmsStanding
    facts: Mapping[str, Any] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """An account as the API answers."""
        return cls(
            external_id=said["external_id"],
            account_id=said["account_id"],
            email=_contact(said["email"]),
            phone=_contact(said["phone"]),
            journey=said["journey"],
            milestones={row["milestone"]: bool(row["reached"]) for row in said["milestones"]},
            next_act=_next_act(said["next"]),
            sms=_sms(said["sms"]),
            facts=said["facts"],
            raw=said,
        )


def putting(external_id: str, account: AccountFields) -> Call[AccountStanding]:
    """Create an account, or bring it up to date."""
    return Call(method="PUT", path=path_of(external_id), body=as_json(account.body()), read=_standing)


def patching(
    external_id: str, account: AccountFields, *, without: Iterable[str] = ()
) -> Call[AccountStanding]:
    """Change only the fields that are told, and take the values `without` away. Raises ValueError for no such field."""
    taken_away = dict.fromkeys(without)
    if unknown_names := taken_away.keys() - AccountFields.__dataclass_fields__.keys():
        raise ValueError(f"an account has no field {sorted(unknown_names)[0]}")
    body = as_json({**account.body(), **taken_away})
    return Call(method="PATCH", path=path_of(external_id), body=body, media_type=MERGE_PATCH, read=_standing)


def getting(external_id: str) -> Call[AccountStanding]:
    """Ask where an account stands."""
    return Call(method="GET", path=path_of(external_id), read=_standing)


def deleting(external_id: str) -> Call[None]:
    """Have an account forgotten."""
    return Call(method="DELETE", path=path_of(external_id), read=lambda _response: None)


def path_of(external_id: str) -> str:
    """The path of an account, whatever is in the host's id. Raises ValueError for ids that no path can hold."""
    if external_id in ("", ".", ".."):
        raise ValueError("an account needs an id")
    return f"/v1/accounts/{quote(external_id, safe='')}"


def _standing(response: httpx.Response) -> AccountStanding:
    return AccountStanding.read(json.loads(response.content))


def _written(value: Any) -> Any:
    match value:
        case datetime():
            return written(value)
        case Contact():
            return {"value": value.value, "verified": value.verified}
        case Methods():
            return {"sms": SmsUse(value.sms), "others": list(value.others)}
        case Mapping():
            return dict(value)
        case _:
            return value


def _contact(said: Mapping[str, Any] | None) -> Contact | None:
    return Contact(value=said["value"], verified=said["verified"]) if said else None


def _next_act(said: Mapping[str, Any]) -> NextAct:
    return NextAct(act=said["act"], at=read_moment(said["at"]), words=said["words"])


def _sms(said: Mapping[str, Any]) -> SmsStanding:
    asked = said.get("asked")
    return SmsStanding(
        state=said["state"],
        since=read_moment(said.get("since")),
        asked=asked
        and AskedChange(
            change=asked["change"],
            at=read_moment(asked.get("at")),
            deadline=read_moment(asked.get("deadline")),
        ),
    )
