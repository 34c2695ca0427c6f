"""What a host tells of one account in a request: whole, or as a JSON Merge Patch (RFC 7396) of what is known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.imports.account_records import NESTED, BadRow, account_of, flat
from store.people.accounts import Account
from store.people.told_accounts import ImportedAccount

_COLUMNS = {
    "email_verified": "host_verified_email",
    "phone_verified": "host_verified_phone",
    "methods": "other_methods",
}
"""Fields whose columns have other names."""


def stated(external_id: str, fields: Mapping[str, Any], *, countries: frozenset[str]) -> ImportedAccount:
    """The account that a request states. Raises BadRow.

    What is not told stays as it is; a number is given with its country code. `countries` are those whose numbers are
    texted; none means all. A contact that cannot be used is refused: unlike a file's, a request's author is listening.
    """
    return account_of(
        {**fields, "external_id": external_id},
        region=None,
        countries=countries,
        needs_phone=False,
        leave_out=_refuse,
    )


def merged(account: Account, patch: Mapping[str, Any], *, countries: frozenset[str]) -> ImportedAccount:
    """What a merge patch makes of an account; `removed` holds what it takes away. Raises BadRow."""
    fields = flat({name: _parts(name, value) for name, value in patch.items()})
    if isinstance(fields.get("attributes"), dict):
        fields["attributes"] = _merge(account.attributes, fields["attributes"])
    given = {name: value for name, value in fields.items() if value is not None}
    removed = frozenset(_COLUMNS.get(name, name) for name in fields.keys() - given.keys())
    return replace(stated(account.external_id, given, countries=countries), removed=removed)


def _parts(name: str, value: Any) -> Any:
    """To take an object away is to take all of its parts away."""
    return dict.fromkeys(NESTED[name]) if value is None and name in NESTED else value


def _merge(target: Any, patch: Any) -> Any:
    """RFC 7396, 2."""
    if not isinstance(patch, dict):
        return patch
    merged_fields = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged_fields.pop(name, None)
        else:
            merged_fields[name] = _merge(merged_fields.get(name), value)
    return merged_fields


def _refuse(reason: str) -> None:
    raise BadRow(reason)
