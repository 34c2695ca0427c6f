"""Reads every row about one person, from every table that has any; what is secret is named, and not read out."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlmodel import Session, SQLModel

from domain.journal import Actor
from domain.rights.kept_tables import PERSONAL, KeptTable

Row = dict[str, Any]

NOT_SHOWN = "kept as a secret, and not shown"
MEMBER = "a member of staff"
UNKNOWN_SESSION = "a session that is not on record any more"
_WHO_OF_STAFF = frozenset({"by", "together_with", "on_behalf_of", "key_id"})
_ALSO_SECRET = frozenset({"traceparent"})
"""What connects a row with traces of programs; it says nothing about the person."""


def read(session: Session, account_id: str) -> dict[str, list[Row]]:
    """The rows of each table, by the table's name; values are such as JSON has."""
    rows = {kept.name: _rows(session, kept, account_id) for kept in PERSONAL}
    names = {row["session_id"]: f"session {number}" for number, row in enumerate(rows["session"], start=1)}
    return {kept.name: [_shown(kept, row, names) for row in rows[kept.name]] for kept in PERSONAL}


def conditions(account_id: str) -> dict[str, ColumnElement[bool]]:
    """Which rows of each table are about the person."""
    tables = SQLModel.metadata.tables
    return {
        kept.name: _SPECIAL.get(kept.name, _of_account)(tables[kept.name], account_id) for kept in PERSONAL
    }


def _rows(session: Session, kept: KeptTable, account_id: str) -> list[Row]:
    table = SQLModel.metadata.tables[kept.name]
    query = select(table).where(conditions(account_id)[kept.name]).order_by(*table.primary_key.columns)
    return [dict(row) for row in session.execute(query).mappings()]


def _of_account(table: Table, account_id: str) -> ColumnElement[bool]:
    return table.c.account_id == account_id


def _of_session(table: Table, account_id: str) -> ColumnElement[bool]:
    sessions = SQLModel.metadata.tables["session"]
    return table.c.session_id.in_(select(sessions.c.session_id).where(sessions.c.account_id == account_id))


def _of_code(table: Table, account_id: str) -> ColumnElement[bool]:
    return _of_account(table, account_id) | _of_session(table, account_id) | (table.c.asked_for == account_id)


def _of_passkey(table: Table, account_id: str) -> ColumnElement[bool]:
    passkeys = SQLModel.metadata.tables["passkey"]
    return table.c.passkey_id.in_(select(passkeys.c.passkey_id).where(passkeys.c.account_id == account_id))


def _of_sign_on(table: Table, account_id: str) -> ColumnElement[bool]:
    return _of_account(table, account_id) | (table.c.expected_id == account_id)


_SPECIAL: Mapping[str, Callable[[Table, str], ColumnElement[bool]]] = {
    "challenge": _of_session,
    "one_time_code": _of_code,
    "passkey_day": _of_passkey,
    "sign_on": _of_sign_on,
}


def _shown(kept: KeptTable, row: Row, session_names: Mapping[str, str]) -> Row:
    return {
        column.removesuffix("_"): _value(kept, column, value, session_names)
        for column, value in row.items()
        if column not in _ALSO_SECRET
    } | _detail(kept, row)


def _value(kept: KeptTable, column: str, value: Any, session_names: Mapping[str, str]) -> Any:
    if value is None or value == "":
        return value
    if column in kept.secrets:
        return NOT_SHOWN
    if column in kept.sessions:
        return session_names.get(value, UNKNOWN_SESSION)
    if column in kept.members:
        return MEMBER
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return urlsafe_b64encode(value).decode().rstrip("=")
    return value


def _detail(kept: KeptTable, row: Row) -> Row:
    """Of entries by staff, the details without the names of those who did it."""
    if kept.name not in ("journal", "audit") or (kept.name == "journal" and row["actor"] != Actor.STAFF):
        return {}
    return {
        "detail": {name: MEMBER if name in _WHO_OF_STAFF else value for name, value in row["detail"].items()}
    }
