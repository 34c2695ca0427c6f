"""Turns what a host tells of an account, in a file or a request, into an account to import, or says what is wrong."""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic_core import from_json

from domain.errors import BadContact, UnusableContact
from domain.inventory import OtherMethod, SmsMethod
from providers.contacts import email_address, phone_country, phone_time_zone
from services.imports.account_files import WithoutPlus
from services.imports.account_phones import PhoneRules, phone_of
from services.imports.account_places import country_of, locale_of, time_zone_of
from services.imports.file_records import Columns
from store.people.told_accounts import ImportedAccount

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
    "email_verified",
    "phone_verified",
    "sms_method",
    "methods",
)
NESTED = {
    "email": {"value": "email", "verified": "email_verified"},
    "phone": {"value": "phone", "verified": "phone_verified"},
    "methods": {"sms": "sms_method", "others": "methods"},
}
"""Fields that may be written as one object, and what is in it by the names of columns."""

_ANSWERS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NOT_TEXT = ("attributes", "methods", "email_verified", "phone_verified")
_ATTRIBUTE = "attr."
_UNPRINTABLE = ("Cc", "Cs")
_INVISIBLE = "Cf"
_LONGEST_EXTERNAL_ID = 255
_LONGEST_RISK_TIER = 64

# Other zones and periods are counted from an instant, and must not lead out of the calendar. Programs write its first
# day for never.
_FIRST = datetime.min.replace(tzinfo=UTC) + timedelta(days=366)
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(days=366)

# An even number of backslashes before it would only be backslashes, and a `u0000` as somebody typed it.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class BadRow(Exception):
    """A record is not an account. The message names the field and its mistake, but does not repeat its content."""


def _spelling(name: str) -> str:
    """What is the same in `external_id`, `External ID` and `externalId`."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_BY_SPELLING = {_spelling(name): name for name in (*REQUIRED, *_OPTIONAL)}


def _column(spelled: str) -> str | None:
    prefix, _, attribute = spelled.strip().partition(".")
    if _spelling(prefix) == "attr" and attribute.strip():
        return _ATTRIBUTE + attribute.strip()
    return _BY_SPELLING.get(_spelling(spelled))


COLUMNS = Columns(named=_column, required=REQUIRED)
"""The columns that a file of accounts may have, in any spelling."""


def account_of(
    fields: dict[str, Any],
    *,
    region: str | None,
    countries: frozenset[str] = frozenset(),
    without_plus: WithoutPlus | None = None,
    needs_phone: bool = True,
    leave_out: Callable[[str], None] = lambda reason: None,
) -> ImportedAccount:
    """The account in its canonical form; an empty field is None. Raises BadRow.

    A contact and the methods may be objects, as in requests. `countries` are those whose numbers are texted; none means
    all. A contact that somebody may have, and that cannot be used, does not cost the account: `leave_out` is told
    which, and why.
    """
    rules = PhoneRules(region=region, countries=countries, without_plus=without_plus)
    fields = flat(fields)
    texts = {name: _text(name, value) for name, value in fields.items() if name not in _NOT_TEXT}
    external_id = _external_id(texts)
    text = _required("phone", texts) if needs_phone else texts.get("phone")
    phone = _contact("phone", text, lambda number: phone_of(number, rules), leave_out)
    return ImportedAccount(
        external_id=external_id,
        phone=phone,
        email=_contact("email", texts.get("email"), email_address, leave_out),
        locale=_checked("locale", texts.get("locale"), locale_of),
        time_zone=_checked("time_zone", texts.get("time_zone"), time_zone_of),
        country=_checked("country", texts.get("country"), country_of),
        phone_country=phone_country(phone) if phone else None,
        phone_zone=phone_time_zone(phone) if phone else None,
        risk_tier=_checked("risk_tier", texts.get("risk_tier"), _risk_tier),
        last_sign_in_at=_checked("last_sign_in_at", texts.get("last_sign_in_at"), _instant),
        attributes=_attributes(fields),
        sim_checked_at=_checked("sim_checked_at", texts.get("sim_checked_at"), _instant),
        sim_changed_at=_checked("sim_changed_at", texts.get("sim_changed_at"), _instant),
        sms_method=_checked("sms_method", texts.get("sms_method"), _sms_method),
        other_methods=_other_methods(fields.get("methods")),
        host_verified_email=_answer("email_verified", fields.get("email_verified")),
        host_verified_phone=_answer("phone_verified", fields.get("phone_verified")),
    )


def flat(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields by the names of columns, without objects in them but attributes. Raises BadRow."""
    columns: dict[str, Any] = {}
    for name, value in fields.items():
        if name in NESTED and isinstance(value, dict):
            if strange := [part for part in value if part not in NESTED[name]]:
                raise BadRow(f"{name}: it has no part called {strange[0]!r}")
            parts = {NESTED[name][part]: content for part, content in value.items()}
        else:
            parts = {name: value}
        if parts.keys() & columns.keys():
            raise BadRow(f"{name}: it is told twice")
        columns |= parts
    return columns


def _external_id(texts: dict[str, str]) -> str:
    external_id = _required("external_id", texts)
    if len(external_id) > _LONGEST_EXTERNAL_ID:
        raise BadRow(f"external_id: it is longer than {_LONGEST_EXTERNAL_ID} characters")
    if _INVISIBLE in map(unicodedata.category, (external_id[0], external_id[-1])):
        raise BadRow(
            "external_id: it begins or ends with a mark that nobody sees; with it, it is another account"
        )
    return external_id


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | float | dict | list):
        raise BadRow(f"{name}: it must be text")
    text = str(value).strip()
    # What a host keeps as an attribute may have lines of its own; `_storable` looks at it.
    if not name.startswith(_ATTRIBUTE) and any(
        unicodedata.category(letter) in _UNPRINTABLE for letter in text
    ):
        raise BadRow(f"{name}: it contains a character that cannot be printed")
    return text


def _required(name: str, texts: dict[str, str]) -> str:
    if not texts.get(name):
        raise BadRow(f"{name}: it is missing")
    return texts[name]


def _checked(name: str, text: str | None, check: Callable[[str], _T | None]) -> _T | None:
    if not text:
        return None
    try:
        return check(text)
    except UnusableContact:
        raise
    except (BadContact, ValueError) as error:
        raise BadRow(f"{name}: {error}") from None


def _contact(
    name: str, text: str | None, check: Callable[[str], str], leave_out: Callable[[str], None]
) -> str | None:
    try:
        return _checked(name, text, check)
    except UnusableContact as unusable:
        leave_out(f"{name}: {unusable}")
        return None


def _risk_tier(text: str) -> str:
    if len(text) > _LONGEST_RISK_TIER:
        raise ValueError(f"it is longer than {_LONGEST_RISK_TIER} characters")
    return text


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("it is not a moment like 2026-05-31T09:30:00+02:00") from None
    if at.tzinfo is None:
        raise ValueError("it lacks its offset from UTC, like +02:00 or Z")
    if at > _LAST:
        raise ValueError("it is at the end of the calendar; leave it empty if nobody knows")
    return at if at >= _FIRST else None


def _sms_method(text: str) -> SmsMethod:
    try:
        return SmsMethod(text.lower())
    except ValueError:
        raise ValueError(f"it is none of {', '.join(SmsMethod)}") from None


def _other_methods(value: Any) -> tuple[OtherMethod, ...] | None:
    """The methods of a list, or of a text that names them with commas or blanks between; None if none is told."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    names = re.split(r"[\s,;]+", value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(names, list) or any(name not in list(OtherMethod) for name in names):
        raise BadRow(f"methods: it is no list of {', '.join(OtherMethod)}")
    return tuple(OtherMethod(name) for name in names)


def _answer(name: str, value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = _text(name, value).lower()
    if text and text not in _ANSWERS:
        raise BadRow(f"{name}: it is neither true nor false")
    return _ANSWERS.get(text)


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
    try:
        text = json.dumps(attributes, ensure_ascii=False, allow_nan=False)
        from_json(text.encode())
    except UnicodeEncodeError:
        raise BadRow("attributes: half of a character is missing") from None
    except (ValueError, RecursionError):
        raise BadRow("attributes: a number is too large, or it is nested too deep") from None
    if _NUL.search(text):  # PostgreSQL keeps no NUL in JSON
        raise BadRow("attributes: it contains a NUL")
    return attributes


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
