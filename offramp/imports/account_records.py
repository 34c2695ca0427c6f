"""Turns a record of a file into an account to import, or says what is wrong with it."""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, NoReturn, TypeVar
from zoneinfo import available_timezones

from domain.errors import BadContact
from providers.contacts import email_address, phone_country, phone_number, phone_time_zone
from providers.countries import is_country
from providers.texted_numbers import require_textable
from store.people.imports import ImportedAccount

_T = TypeVar("_T")

REQUIRED = ("external_id", "phone")
_OPTIONAL = (
    "email",
    "locale",
    "time_zone",
    "country",
    "risk_tier",
    "last_sign_in_at",
    "attributes",
    "sim_checked_at",
    "sim_changed_at",
)
_ATTRIBUTE = "attr."
_LONGEST_EXTERNAL_ID = 255
_LONGEST_RISK_TIER = 64
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


class BadRow(Exception):
    """A record is not an account. The message names the field and its mistake, but does not repeat its content."""


def is_known_column(name: str) -> bool:
    """Whether a file of accounts may have this column."""
    return name in REQUIRED or name in _OPTIONAL or (name.startswith(_ATTRIBUTE) and name != _ATTRIBUTE)


def account_of(
    fields: dict[str, Any], *, region: str | None, countries: frozenset[str] = frozenset()
) -> ImportedAccount:
    """The account in its canonical form; an empty field is None. Raises BadRow.

    `countries` are those whose numbers are texted; none means all.
    """
    texts = {name: _text(name, value) for name, value in fields.items() if name != "attributes"}
    phone = _phone(texts.get("phone"), region, countries)
    return ImportedAccount(
        external_id=_external_id(texts.get("external_id")),
        phone=phone,
        email=_checked("email", texts.get("email"), email_address),
        locale=_checked("locale", texts.get("locale"), _locale),
        time_zone=_checked("time_zone", texts.get("time_zone"), _time_zone),
        country=_checked("country", texts.get("country"), _country),
        phone_country=phone_country(phone),
        phone_zone=phone_time_zone(phone),
        risk_tier=_checked("risk_tier", texts.get("risk_tier"), _risk_tier),
        last_sign_in_at=_checked("last_sign_in_at", texts.get("last_sign_in_at"), _instant),
        attributes=_attributes(fields),
        sim_checked_at=_checked("sim_checked_at", texts.get("sim_checked_at"), _instant),
        sim_changed_at=_checked("sim_changed_at", texts.get("sim_changed_at"), _instant),
    )


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | float | dict | list):
        raise BadRow(f"{name}: it must be text")
    text = str(value).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise BadRow(f"{name}: it contains a character that cannot be printed")
    return text


def _phone(text: str | None, region: str | None, countries: frozenset[str]) -> str:
    def texted(typed: str) -> str:
        number = phone_number(typed, region)
        require_textable(number, countries)
        return number

    return _checked("phone", text, texted) or _lacking("phone")


def _lacking(name: str) -> NoReturn:
    raise BadRow(f"{name}: it is missing")


def _external_id(text: str | None) -> str:
    if not text:
        raise BadRow("external_id: it is missing")
    if len(text) > _LONGEST_EXTERNAL_ID:
        raise BadRow(f"external_id: it is longer than {_LONGEST_EXTERNAL_ID} characters")
    return text


def _checked(name: str, text: str | None, check: Callable[[str], _T]) -> _T | None:
    if not text:
        return None
    try:
        return check(text)
    except (BadContact, ValueError) as error:
        raise BadRow(f"{name}: {error}") from None


def _locale(text: str) -> str:
    locale = text.replace("_", "-")
    if not _LOCALE.fullmatch(locale):
        raise ValueError("it is not a language tag like en or pt-BR")
    return locale


def _time_zone(text: str) -> str:
    if text not in _time_zones():
        raise ValueError("it is not an IANA time zone like Europe/Berlin")
    return text


@cache
def _time_zones() -> set[str]:
    return available_timezones()


def _country(text: str) -> str:
    code = text.upper()
    if not is_country(code):
        raise ValueError("it is not a country's two letters by ISO 3166, like DE or GB")
    return code


def _risk_tier(text: str) -> str:
    if len(text) > _LONGEST_RISK_TIER:
        raise ValueError(f"it is longer than {_LONGEST_RISK_TIER} characters")
    return text


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("it is not a moment like 2026-05-31T09:30:00+02:00") from None
    if at.tzinfo is None:
        raise ValueError("it lacks its offset from UTC, like +02:00 or Z")
    return at


def _attributes(fields: dict[str, Any]) -> dict[str, Any] | None:
    """The object in `attributes`, with every filled column `attr.NAME`; None if there is neither."""
    from_columns = {
        name.removeprefix(_ATTRIBUTE): value
        for name, value in fields.items()
        if name.startswith(_ATTRIBUTE) and value not in ("", None)
    }
    from_object = _object(fields.get("attributes"))
    if from_object is None and not from_columns:
        return None
    return _storable((from_object or {}) | from_columns)


def _object(value: Any) -> dict[str, Any] | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        attributes = json.loads(value, parse_constant=_no_constant) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise BadRow("attributes: it is not JSON") from None
    if not isinstance(attributes, dict):
        raise BadRow("attributes: it is not a JSON object")
    return attributes


def _storable(attributes: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(attributes, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadRow("attributes: half of a character is missing") from None
    if "\\u0000" in text:  # PostgreSQL keeps no NUL in JSON
        raise BadRow("attributes: it contains a NUL")
    return attributes


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
